package dev.cleanroom.operator.rails;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The fields of a pod as the API server publishes them, and values for them. */
final class PodSchema {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int DEEPEST = 4;
    private static final List<String> TEXTS = List.of("x", "/x", "1", "203.0.113.9", "a.example.com", "5s", "Always");

    private final JsonNode schemas;

    private PodSchema(JsonNode schemas) {
        this.schemas = schemas;
    }

    static PodSchema of(KubernetesClient admin) throws IOException {
        JsonNode document = new ObjectMapper().readTree(admin.raw("/openapi/v3/api/v1"));
        return new PodSchema(document.path("components").path("schemas"));
    }

    /** Every field at every depth below metadata and spec, each with the names that lead to it; {@code *} is an item. */
    List<List<String>> fields() {
        List<List<String>> fields = new ArrayList<>();
        JsonNode pod = schemas.path("io.k8s.api.core.v1.Pod");
        for (String top : List.of("metadata", "spec")) {
            collect(pod.path("properties").path(top), List.of(top), fields);
        }
        return fields;
    }

    private void collect(JsonNode reference, List<String> path, List<List<String>> fields) {
        JsonNode schema = resolved(reference);
        if (schema.has("items")) {
            collect(schema.path("items"), appended(path, "*"), fields);
        } else if (schema.has("properties")) {
            schema.path("properties").properties().forEach(property -> {
                List<String> field = appended(path, property.getKey());
                fields.add(field);
                collect(property.getValue(), field, fields);
            });
        }
    }

    /** Puts a value into the pod; lists have the item that is there, or a new one. */
    void put(ObjectNode pod, List<String> field, Random random) {
        JsonNode schema = schemas.path("io.k8s.api.core.v1.Pod");
        JsonNode at = pod;
        for (int i = 0; i < field.size(); i++) {
            boolean last = i == field.size() - 1;
            String step = field.get(i);
            JsonNode next = step.equals("*")
                    ? resolved(schema).path("items")
                    : resolved(schema).path("properties").path(step);
            if (last) {
                ((ObjectNode) at).set(step, other(next, step, at.path(step), random));
                return;
            }
            at = step.equals("*") ? item((ArrayNode) at, next, random) : child((ObjectNode) at, step, next, random);
            schema = next;
        }
    }

    private JsonNode item(ArrayNode items, JsonNode schema, Random random) {
        if (items.isEmpty()) {
            items.add(value(schema, "", random, DEEPEST));
        }
        return items.get(random.nextInt(items.size()));
    }

    private JsonNode child(ObjectNode parent, String name, JsonNode schema, Random random) {
        if (!parent.has(name)) {
            parent.set(name, resolved(schema).has("items") ? NODES.arrayNode() : minimal(schema, name, random));
        }
        return parent.get(name);
    }

    private JsonNode other(JsonNode schema, String name, JsonNode before, Random random) {
        for (int i = 0; i < 20; i++) {
            JsonNode value = value(schema, name, random, 0);
            if (!value.equals(before)) {
                return value;
            }
        }
        return value(schema, name, random, 0);
    }

    private JsonNode minimal(JsonNode schema, String name, Random random) {
        return value(schema, name, random, DEEPEST);
    }

    /** At the greatest depth only what is required is set. */
    private JsonNode value(JsonNode reference, String name, Random random, int depth) {
        JsonNode schema = resolved(reference);
        if (schema.has("items")) {
            return NODES.arrayNode().add(value(schema.path("items"), name, random, depth + 1));
        }
        if (schema.has("additionalProperties")) {
            return NODES.objectNode()
                    .set("example.com/x", value(schema.path("additionalProperties"), name, random, depth + 1));
        }
        if (schema.has("properties")) {
            return object(schema, random, depth);
        }
        if (schema.has("oneOf") || schema.path("format").asText().equals("int-or-string")) {
            return NODES.textNode("1");
        }
        return switch (schema.path("type").asText()) {
            case "boolean" -> NODES.booleanNode(random.nextBoolean());
            case "integer" -> NODES.numberNode(List.of(0, 1, 5, 8_080).get(random.nextInt(4)));
            default -> NODES.textNode(text(schema, name, random));
        };
    }

    private ObjectNode object(JsonNode schema, Random random, int depth) {
        ObjectNode object = NODES.objectNode();
        schema.path("required").forEach(required -> {
            String name = required.asText();
            object.set(name, value(schema.path("properties").path(name), name, random, depth + 1));
        });
        List<String> names = new ArrayList<>();
        schema.path("properties").fieldNames().forEachRemaining(names::add);
        if (depth < DEEPEST && !names.isEmpty()) {
            String name = names.get(random.nextInt(names.size()));
            object.set(name, value(schema.path("properties").path(name), name, random, depth + 1));
        }
        return object;
    }

    private static String text(JsonNode schema, String name, Random random) {
        if (schema.path("enum").size() > 0) {
            return schema.path("enum")
                    .get(random.nextInt(schema.path("enum").size()))
                    .asText();
        }
        if (schema.path("format").asText().equals("date-time")) {
            return "2026-01-01T00:00:00Z";
        }
        return switch (name) {
            case "image", "reference" -> Manifests.IMAGE;
            case "mountPath", "path", "devicePath", "workingDir", "terminationMessagePath" -> "/x" + random.nextInt(9);
            case "name", "key", "secretName", "claimName", "schedulerName", "runtimeClassName", "topologyKey" -> "x";
            case "operator" -> "Exists";
            case "ip", "nameservers" -> "203.0.113.9";
            default -> TEXTS.get(random.nextInt(TEXTS.size()));
        };
    }

    private JsonNode resolved(JsonNode schema) {
        JsonNode reference = schema.has("allOf") ? schema.path("allOf").path(0) : schema;
        if (!reference.has("$ref")) {
            return schema;
        }
        String name = reference.path("$ref").asText();
        return schemas.path(name.substring(name.lastIndexOf('/') + 1));
    }

    private static List<String> appended(List<String> path, String step) {
        List<String> longer = new ArrayList<>(path);
        longer.add(step);
        return List.copyOf(longer);
    }
}
