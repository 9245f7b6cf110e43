package dev.cleanroom.operator.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.reference.ReferenceTables.StateRow;
import dev.cleanroom.operator.reference.ReferenceTables.Told;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Argo CD's health checks in the examples, run over a resource in each state of the reference's tables. */
class ArgoHealthTest {
    private static final String KEY = "resource.customizations.health.cleanroom.dev_";
    private static final List<String> KINDS = ReferenceTables.KINDS;

    private Map<String, String> scripts = Map.of();

    static Stream<StateRow> states() {
        return ReferenceTables.states().stream();
    }

    @BeforeEach
    void read() throws IOException {
        var patch = Serialization.unmarshal(
                Files.readString(Repository.root().resolve("examples/argocd/argocd-cm.yaml")), ConfigMap.class);
        assertThat(patch.getMetadata().getName()).isEqualTo("argocd-cm");
        scripts = patch.getData();
    }

    @Test
    void everyKindHasACheckAndNothingElseIsPatched() {
        assertThat(scripts).containsOnlyKeys(KINDS.stream().map(KEY::concat).toList());
    }

    @ParameterizedTest
    @MethodSource("states")
    void aStateHasTheHealthThatTheReferenceSays(StateRow state) {
        assertThat(health(state.kind(), resource(state, 1))).containsEntry("status", state.health());
    }

    @ParameterizedTest
    @MethodSource("states")
    void whatIsToldAboutAnEarlierSpecIsProgressing(StateRow state) {
        assertThat(health(state.kind(), resource(state, 2))).containsEntry("status", "Progressing");
    }

    @ParameterizedTest
    @FieldSource("KINDS")
    void aResourceWithoutStatusIsProgressing(String kind) {
        assertThat(health(kind, Map.of("metadata", Map.of("generation", 1)))).containsEntry("status", "Progressing");
        assertThat(health(kind, Map.of("metadata", Map.of("generation", 1), "status", Map.of())))
                .containsEntry("status", "Progressing");
    }

    @Test
    void theMessageSaysWhatAPersonMustDo() {
        StateRow refused = states().filter(state -> state.state().startsWith("refused"))
                .findFirst()
                .orElseThrow();

        assertThat(health(refused.kind(), resource(refused, 1)))
                .containsEntry("message", "LimitExceeded: message of Stalled");
    }

    @Test
    void aHealthyEnvironmentStillTellsOfAHeldPod() {
        StateRow replaced = states().filter(state -> state.state().equals("a pod is held and replaced"))
                .findFirst()
                .orElseThrow();

        assertThat(health(replaced.kind(), resource(replaced, 1))).containsEntry("message", "message of Quarantined");
    }

    private Map<String, String> health(String kind, Map<String, Object> resource) {
        return ArgoLua.health(scripts.getOrDefault(KEY + kind, ""), resource);
    }

    private static Map<String, Object> resource(StateRow state, int generation) {
        List<Map<String, Object>> conditions = new ArrayList<>();
        state.ready().ifPresent(told -> conditions.add(condition(Reasons.READY, told)));
        if (state.state().startsWith("a pod is held")) {
            conditions.add(condition(Reasons.QUARANTINED, new Told("True", Reasons.UNDER_INVESTIGATION)));
        }
        if (state.kind().equals("BuildIncident") && !state.state().equals("just created")) {
            conditions.addAll(incidentSteps(state));
        }
        state.reconciling().ifPresent(told -> conditions.add(condition(Reasons.RECONCILING, told)));
        state.stalled().ifPresent(told -> conditions.add(condition(Reasons.STALLED, told)));
        Map<String, Object> status = new LinkedHashMap<>(Map.of("conditions", conditions));
        if (!state.state().equals("just created")) {
            status.put("observedGeneration", 1);
        }
        return Map.of("metadata", Map.of("name", "payments", "generation", generation), "status", status);
    }

    private static List<Map<String, Object>> incidentSteps(StateRow state) {
        boolean gone = state.state().contains("gone");
        boolean closed = state.state().equals("closed");
        return List.of(
                condition(
                        Reasons.ISOLATED,
                        gone ? new Told("False", Reasons.POD_GONE) : new Told("True", Reasons.QUARANTINED)),
                condition(Reasons.CLOSED, closed ? new Told("True", "Confirmed") : new Told("False", Reasons.OPEN)));
    }

    private static Map<String, Object> condition(String type, Told told) {
        return Map.of("type", type, "status", told.status(), "reason", told.reason(), "message", "message of " + type);
    }
}
