package dev.cleanroom.operator.guardrails;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The guard rails of this version's chart, and how the stored ones differ from them. */
public final class GuardRails {
    /** Selects the stored guard rails. */
    public static final String LABEL = "app.kubernetes.io/component=rails";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<GuardRail> rails;

    private GuardRails(List<GuardRail> rails) {
        this.rails = rails;
    }

    /**
     * How one guard rail is stored.
     *
     * @param stored whether an object of this name exists
     * @param fault what is wrong with it; empty when it is in force as the chart has it
     */
    public record RailState(Resource kind, String name, boolean stored, Optional<String> fault) {}

    /** The guard rails for an operator in this namespace. */
    public static GuardRails ofChart(String operatorNamespace) {
        return new GuardRails(GuardRail.ofChart(operatorNamespace));
    }

    public Set<Resource> kinds() {
        Set<Resource> kinds = EnumSet.noneOf(Resource.class);
        rails.forEach(rail -> kinds.add(rail.kind()));
        return kinds;
    }

    /**
     * Compares the stored guard rails with the chart.
     *
     * @param stored the objects by kind; empty for a kind that the API server does not serve; a kind without an entry
     *     is not compared
     */
    public List<RailState> look(Map<Resource, Optional<List<GenericKubernetesResource>>> stored) {
        List<RailState> states = new ArrayList<>();
        for (GuardRail rail : rails) {
            if (!stored.containsKey(rail.kind())) {
                continue;
            }
            Optional<List<GenericKubernetesResource>> ofKind = Objects.requireNonNull(stored.get(rail.kind()));
            if (ofKind.isPresent() || !rail.optional()) {
                Optional<JsonNode> spec = ofKind.flatMap(items -> spec(items, rail.name()));
                states.add(new RailState(rail.kind(), rail.name(), spec.isPresent(), rail.fault(spec)));
            }
        }
        return states;
    }

    private static Optional<JsonNode> spec(List<GenericKubernetesResource> items, String name) {
        return items.stream()
                .filter(item -> item.getMetadata().getName().equals(name))
                .findFirst()
                .map(item -> JSON.valueToTree(item.getAdditionalProperties().get("spec")));
    }
}
