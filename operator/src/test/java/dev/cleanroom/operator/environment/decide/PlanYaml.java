package dev.cleanroom.operator.environment.decide;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;

/**
 * Plans as people read them. A body is written out where it is short, or where the case asks for it; a condition is one
 * line: status, reason, message.
 */
final class PlanYaml {
    private static final int LONGEST_BODY = 2_000;
    private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .disable(YAMLGenerator.Feature.SPLIT_LINES)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .build())
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private final String specHash;
    private final boolean wholeBodies;

    PlanYaml(String specHash, boolean wholeBodies) {
        this.specHash = specHash;
        this.wholeBodies = wholeBodies;
    }

    String write(List<JsonNode> plans) {
        try {
            return YAML.writeValueAsString(plans).replace(specHash, "$SPEC");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    ObjectNode of(Plan plan) {
        ObjectNode node = YAML.createObjectNode();
        var writes = node.putArray("writes");
        plan.writes().forEach(write -> writes.add(of(write)));
        plan.wakeUp().ifPresent(wakeUp -> node.put("wakeUp", wakeUp.toString()));
        if (plan.holdsProgress()) {
            node.put("holdsProgress", true);
        }
        return node;
    }

    private ObjectNode of(Write write) {
        ObjectNode node = YAML.createObjectNode();
        node.put("verb", write.getClass().getSimpleName());
        node.put("target", write.target().toString());
        node.put("reason", write.reason());
        JsonNode body = switch (write) {
            case Write.Create create -> withoutIdentity(tree(create.object()));
            case Write.Apply apply -> withoutIdentity(tree(apply.object()));
            case Write.Patch patch -> tree(patch.values());
            case Write.TestedPatch patch -> tree(patch.operations());
            case Write.Confirm confirm -> YAML.createObjectNode();
            case Write.Delete delete -> tree(delete.precondition());
            case Write.ApplyStatus status ->
                withLines((ObjectNode) tree(status.fresh()).get("status"));
        };
        if (wholeBodies || body.toString().length() <= LONGEST_BODY) {
            node.set("body", body);
        }
        return node;
    }

    /** By key: labels are a map, whose own order is another in each process. */
    private static JsonNode tree(Object value) {
        return YAML.valueToTree(Serialization.unmarshal(Serialization.asJson(value), Object.class));
    }

    /** The target says it. */
    private static JsonNode withoutIdentity(JsonNode object) {
        ((ObjectNode) object).remove(List.of("apiVersion", "kind"));
        ((ObjectNode) object.get("metadata")).remove(List.of("name", "namespace"));
        return object;
    }

    private static JsonNode withLines(ObjectNode status) {
        ObjectNode lines = YAML.createObjectNode();
        status.get("conditions")
                .forEach(condition -> lines.put(
                        condition.get("type").asText(),
                        condition.get("status").asText() + " "
                                + condition.get("reason").asText() + ": "
                                + condition.get("message").asText()));
        status.set("conditions", lines);
        return status;
    }
}
