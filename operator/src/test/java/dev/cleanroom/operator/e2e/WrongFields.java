package dev.cleanroom.operator.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.cleanroom.operator.lab.Manifests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;

/** Specs that are right but for one field: of a wrong type, of no such name, or with a value that its enum lacks. */
final class WrongFields {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where keys are the user's own, so that no key is unknown. */
    private static final Pattern FREE_KEYS = Pattern.compile(".*\\.(requests|limits|annotations|matchLabels)");

    private static final String SPEC = """
            className: standard
            image: %1$s
            command: [/bin/sh, -c, mvn verify]
            args: [-B]
            env:
            - {name: MAVEN_OPTS, value: -Xmx1g}
            - {name: AGENT, valueFrom: {fieldRef: metadata.name}}
            workingDir: /workspace
            resources: {requests: {cpu: "1", memory: 1Gi}, limits: {cpu: "2", memory: 2Gi}}
            workspace: {size: 1Gi, mountPath: /workspace}
            tmp: {size: 1Gi}
            secrets: [{name: npm-token, mountPath: /run/secrets/npm, items: [{key: token, path: token}]}]
            configs: [{name: maven, mountPath: /etc/maven}]
            prepare:
            - name: checkout
              image: %1$s
              command: [git, clone]
              env: [{name: DEPTH, value: "1"}]
              resources: {limits: {cpu: "1"}}
              secrets: [{name: git-token, mountPath: /run/secrets/git}]
            identity: {audiences: [sts.example.com], annotations: {role: builder}}
            egress:
            - {name: store, cidr: 192.0.2.0/24, ports: [443], hostnames: [{name: repo.example.com, address: 192.0.2.7}]}
            - {name: db, podSelector: {matchLabels: {app: db}, matchExpressions: [{key: tier, operator: Exists}]}, ports: [5432]}
            onExit: Complete
            retries: 1
            maxLifetime: 4h
            ttlAfterFinished: 1h
            """.formatted(Manifests.IMAGE);

    /** path: of the wrong field, as the API server writes it; what: for a person who reads a failure. */
    record Wrong(String path, String what, JsonNode spec) {}

    private record Place(String path, JsonNode node) {}

    private final Random random;

    WrongFields(long seed) {
        this.random = new Random(seed);
    }

    static ObjectNode right() {
        try {
            return (ObjectNode) new YAMLMapper().readTree(SPEC);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Wrong next() {
        ObjectNode spec = right();
        List<Place> places = new ArrayList<>();
        collect("spec", spec, places);
        return switch (random.nextInt(10)) {
            case 0 -> unknownValue(spec);
            case 1, 2, 3 -> unknownField(spec, places);
            default -> wrongType(spec, places);
        };
    }

    private Wrong unknownValue(ObjectNode spec) {
        String value = "Sometimes" + random.nextInt(100);
        spec.put("onExit", value);
        return new Wrong("spec.onExit", "onExit: " + value, spec);
    }

    private Wrong unknownField(ObjectNode spec, List<Place> places) {
        List<Place> objects = places.stream()
                .filter(place -> place.node().isObject())
                .filter(place -> !FREE_KEYS.matcher(place.path()).matches())
                .toList();
        Place place = objects.get(random.nextInt(objects.size()));
        String name = "unknown" + random.nextInt(100);
        ((ObjectNode) place.node()).put(name, "x");
        return new Wrong(place.path() + "." + name, "no such field", spec);
    }

    private Wrong wrongType(ObjectNode spec, List<Place> places) {
        // The spec itself stays an object.
        Place place = places.get(1 + random.nextInt(places.size() - 1));
        List<JsonNode> others = others(place.node());
        JsonNode other = others.get(random.nextInt(others.size()));
        replace(spec, place.node(), other);
        return new Wrong(place.path(), place.node().getNodeType() + " replaced by " + other, spec);
    }

    /** Values of other types; a number is no other type for text that is a quantity, so texts are not given one. */
    private static List<JsonNode> others(JsonNode node) {
        JsonNode object = JSON.createObjectNode().put("a", 1);
        JsonNode array = JSON.createArrayNode().add(1);
        JsonNode text = JSON.getNodeFactory().textNode("x");
        JsonNode yes = JSON.getNodeFactory().booleanNode(true);
        JsonNode fraction = JSON.getNodeFactory().numberNode(1.5);
        return switch (node.getNodeType()) {
            case STRING -> List.of(object, array, yes);
            case NUMBER -> List.of(object, array, text, yes, fraction);
            case ARRAY -> List.of(object, text, yes);
            case OBJECT -> List.of(array, text, yes);
            default -> throw new IllegalStateException("no such node in a spec: " + node);
        };
    }

    private static void collect(String path, JsonNode node, List<Place> into) {
        into.add(new Place(path, node));
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            collect(path + "." + field.getKey(), field.getValue(), into);
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            collect(path + "[" + i + "]", node.get(i), into);
        }
    }

    /** By identity: equal values stand in several places. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean replace(JsonNode at, JsonNode old, JsonNode by) {
        if (at instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                if (array.get(i) == old) {
                    array.set(i, by);
                    return true;
                }
                if (replace(array.get(i), old, by)) {
                    return true;
                }
            }
        }
        if (at instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> field : object.properties()) {
                if (field.getValue() == old) {
                    field.setValue(by);
                    return true;
                }
                if (replace(field.getValue(), old, by)) {
                    return true;
                }
            }
        }
        return false;
    }
}
