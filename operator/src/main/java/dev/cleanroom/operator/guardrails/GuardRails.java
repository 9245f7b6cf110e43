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

/** The guard rails of this version's chart, and what a look at the stored ones comes to. */
public final class GuardRails {
    /** Selects them among what is stored. */
    public static final String LABEL = "app.kubernetes.io/component=rails";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<GuardRail> rails;

    private GuardRails(List<GuardRail> rails) {
        this.rails = rails;
    }

    /**
     * One guard rail after a look.
     *
     * @param stored whether there is one of the name at all
     * @param fault what is wrong with it; empty when it is in force as the chart has it
     */
    public record Seen(Resource kind, String name, boolean stored, Optional<String> fault) {}

    /** For an operator in this namespace. */
    public static GuardRails ofChart(String operatorNamespace) {
        return new GuardRails(GuardRail.ofChart(operatorNamespace));
    }

    public Set<Resource> kinds() {
        Set<Resource> kinds = EnumSet.noneOf(Resource.class);
        rails.forEach(rail -> kinds.add(rail.kind()));
        return kinds;
    }

    /**
     * What is in force as the chart has it, and what is not.
     *
     * @param stored by kind, empty where the API server does not serve it; a kind that is left out is not looked at
     */
    public List<Seen> look(Map<Resource, Optional<List<GenericKubernetesResource>>> stored) {
        List<Seen> seen = new ArrayList<>();
        for (GuardRail rail : rails) {
            if (!stored.containsKey(rail.kind())) {
                continue;
            }
            Optional<List<GenericKubernetesResource>> ofKind = Objects.requireNonNull(stored.get(rail.kind()));
            if (ofKind.isPresent() || !rail.optional()) {
                Optional<JsonNode> spec = ofKind.flatMap(items -> spec(items, rail.name()));
                seen.add(new Seen(rail.kind(), rail.name(), spec.isPresent(), rail.fault(spec)));
            }
        }
        return seen;
    }

    private static Optional<JsonNode> spec(List<GenericKubernetesResource> items, String name) {
        return items.stream()
                .filter(item -> item.getMetadata().getName().equals(name))
                .findFirst()
                .map(item -> JSON.valueToTree(item.getAdditionalProperties().get("spec")));
    }
}
