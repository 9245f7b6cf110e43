package dev.cleanroom.operator.check;

import static dev.cleanroom.operator.check.Stored.TARGET;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.operator.guardrails.GuardRails;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.lab.Repository;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RailsCheckTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LIVE_ACCESS = "no-live-access.cleanroom.dev";
    private static final GuardRails RAILS = GuardRails.ofChart(TARGET.operatorNamespace());

    private final Map<Resource, List<GenericKubernetesResource>> chart = new EnumMap<>(Resource.class);
    private final Map<Resource, Lookup<List<GenericKubernetesResource>>> stored = new EnumMap<>(Resource.class);

    @BeforeEach
    void asTheChartHasThem() throws IOException {
        String text = Files.readString(Repository.root().resolve("operator/src/main/resources/guard-rails.json"))
                .replace("OPERATOR_NAMESPACE", TARGET.operatorNamespace());
        RAILS.kinds().forEach(kind -> chart.put(kind, new ArrayList<>()));
        for (JsonNode entry : JSON.readTree(text)) {
            var rail = new GenericKubernetesResource();
            rail.setMetadata(new ObjectMetaBuilder()
                    .withName(entry.path("name").asText())
                    .build());
            rail.setAdditionalProperty("spec", JSON.convertValue(entry.path("spec"), Map.class));
            chart.forEach((kind, rails) -> {
                if (kind.kind().equals(entry.path("kind").asText())) {
                    rails.add(rail);
                }
            });
        }
        chart.forEach((kind, rails) -> stored.put(kind, new Lookup.Found<>(rails)));
    }

    private List<String> lines() {
        return Stored.lines(RailsCheck.of(RAILS, stored, TARGET));
    }

    private int size() {
        return chart.values().stream().mapToInt(List::size).sum();
    }

    @Test
    void allOfThemAreInForce() {
        assertThat(lines()).containsExactly("ok    guard rails: " + size() + " policies and bindings in force");
    }

    @Test
    void eachThatIsMissingOrChangedIsNamedOnce() {
        int all = size();
        chart.get(Resource.VALIDATING_POLICY_BINDING)
                .removeIf(rail -> rail.getMetadata().getName().equals(LIVE_ACCESS));
        GenericKubernetesResource changed = chart.get(Resource.VALIDATING_POLICY).stream()
                .filter(rail -> rail.getMetadata().getName().equals(LIVE_ACCESS))
                .findFirst()
                .orElseThrow();
        Map<String, Object> spec = changed.get("spec");
        spec.put("failurePolicy", "Ignore");
        assertThat(lines())
                .containsExactly(
                        "MISSING  guard rails: 2 of " + all + " not in force: ValidatingAdmissionPolicy "
                                + LIVE_ACCESS + " was changed; ValidatingAdmissionPolicyBinding " + LIVE_ACCESS
                                + " is missing",
                        "    helm status cleanroom -n cleanroom-system && kubectl delete validatingadmissionpolicy/"
                                + LIVE_ACCESS + " && helm upgrade cleanroom helm/cleanroom -n cleanroom-system");
    }

    @Test
    void withoutTheChartTheyAreCountedAndNotListed() {
        chart.values().forEach(List::clear);
        assertThat(lines().getFirst()).matches("MISSING  guard rails: all [0-9]{2} are missing");
    }

    @Test
    void anApiServerThatServesNoMutatingPoliciesNeedsNone() {
        stored.put(Resource.MUTATING_POLICY, new Lookup.Absent<>());
        stored.put(Resource.MUTATING_POLICY_BINDING, new Lookup.Absent<>());
        assertThat(lines()).singleElement().asString().startsWith("ok    ");
        stored.put(Resource.VALIDATING_POLICY, new Lookup.Absent<>());
        assertThat(lines().getFirst()).startsWith("MISSING  ");
    }

    @Test
    void theKindThatMayNotBeListedIsANoteBesideTheRest() {
        stored.put(Resource.VALIDATING_POLICY, Stored.denied());
        int rest = size() - chart.get(Resource.VALIDATING_POLICY).size();
        assertThat(lines())
                .containsExactly(
                        "ok    guard rails: " + rest + " policies and bindings in force",
                        "note  guard rails of kind ValidatingAdmissionPolicy: not checked, because you may not list things");
        stored.replaceAll((kind, read) -> Stored.denied());
        assertThat(lines()).hasSize(4).allMatch(line -> line.startsWith("note  "));
    }
}
