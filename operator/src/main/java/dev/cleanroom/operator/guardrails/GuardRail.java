package dev.cleanroom.operator.guardrails;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.cleanroom.operator.kube.Resource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One admission policy or binding, as the chart has it.
 *
 * @param optional whether the chart leaves it out where the API server does not serve its kind
 */
record GuardRail(Resource kind, String name, JsonNode spec, boolean optional) {
    private static final String FILE = "/guard-rails.json";
    private static final String OPERATOR_NAMESPACE = "OPERATOR_NAMESPACE";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<String, Resource> KINDS = Map.of(
            "ValidatingAdmissionPolicy", Resource.VALIDATING_POLICY,
            "ValidatingAdmissionPolicyBinding", Resource.VALIDATING_POLICY_BINDING,
            "MutatingAdmissionPolicy", Resource.MUTATING_POLICY,
            "MutatingAdmissionPolicyBinding", Resource.MUTATING_POLICY_BINDING);

    private record Entry(String kind, String name, JsonNode spec) {}

    /** The policies and bindings of this version's chart, for an operator in this namespace. */
    static List<GuardRail> ofChart(String operatorNamespace) {
        try (InputStream file = Objects.requireNonNull(GuardRail.class.getResourceAsStream(FILE), FILE)) {
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .replace(OPERATOR_NAMESPACE, operatorNamespace);
            return JSON.readValue(text, new TypeReference<List<Entry>>() {}).stream()
                    .map(entry -> new GuardRail(
                            Objects.requireNonNull(KINDS.get(entry.kind()), entry.kind()),
                            entry.name(),
                            entry.spec(),
                            entry.kind().startsWith("Mutating")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is wrong with the stored object; empty when it is in force as the chart has it. */
    Optional<String> fault(Optional<JsonNode> stored) {
        if (stored.isEmpty()) {
            return Optional.of("is missing");
        }
        return withDefaults(spec).equals(withDefaults(stored.get())) ? Optional.empty() : Optional.of("was changed");
    }

    /**
     * Adds the defaults that the API server adds. A person added any other field that the chart does not have, and a
     * field that narrows a rail can disable it.
     */
    private static JsonNode withDefaults(JsonNode spec) {
        JsonNode filled = spec.deepCopy();
        for (String match : List.of("matchConstraints", "matchResources")) {
            if (filled.get(match) instanceof ObjectNode given) {
                given.putIfAbsent("matchPolicy", TextNode.valueOf("Equivalent"));
                given.putIfAbsent("namespaceSelector", JSON.createObjectNode());
                given.putIfAbsent("objectSelector", JSON.createObjectNode());
                for (JsonNode rule : given.path("resourceRules")) {
                    if (rule instanceof ObjectNode ofResources) {
                        ofResources.putIfAbsent("scope", TextNode.valueOf("*"));
                    }
                }
            }
        }
        return filled;
    }
}
