package dev.cleanroom.operator.guardrails;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
 * One policy or binding as the chart has it.
 *
 * @param optional the chart leaves it out where the API server does not serve its kind
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

    /** Those of this version's chart, for an operator in this namespace. */
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

    /** What is wrong with what is stored; empty when it is in force as the chart has it. */
    Optional<String> fault(Optional<JsonNode> stored) {
        if (stored.isEmpty()) {
            return Optional.of("is missing");
        }
        return differs(spec, stored.get()) ? Optional.of("was changed") : Optional.empty();
    }

    /** The API server adds defaults, so more fields are no difference; another value, or one item more in a list, is. */
    private static boolean differs(JsonNode wanted, JsonNode stored) {
        if (wanted.isObject()) {
            return wanted.properties().stream()
                    .anyMatch(field -> differs(field.getValue(), stored.path(field.getKey())));
        }
        if (wanted.isArray()) {
            if (!stored.isArray() || stored.size() != wanted.size()) {
                return true;
            }
            for (int i = 0; i < wanted.size(); i++) {
                if (differs(wanted.get(i), stored.get(i))) {
                    return true;
                }
            }
            return false;
        }
        return !wanted.asText().equals(stored.asText()) || stored.isContainerNode();
    }
}
