package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nobody lifts a quarantine, and only the operator starts the build of a preparing pod. */
@LabTest
class StateMovesForwardTest {
    private static final String RAIL = "state-moves-forward";
    private static final String POD = "payments-0-1";
    private static final Map<String, String> PRESERVED_FIRST = Map.of("cleanroom.dev/order", "PreserveFirst");

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
    }

    @Test
    void neitherOperatorNorAdministratorNorKubeletTakesItBack() {
        scene.buildPod("payments-0-1");
        scene.patch(scene.operator(), "payments-0-1", Scene.state("suspect"));
        scene.patch(scene.operator(), "payments-0-1", Scene.state("quarantined"));
        for (String back : List.of("suspect", "active", "anything")) {
            Refusal.of(() -> scene.patch(scene.operator(), "payments-0-1", Scene.state(back)))
                    .by(RAIL, "only moves forward", "a quarantine is not lifted");
            Refusal.of(() -> scene.patch(scene.administrator(), "payments-0-1", Scene.state(back)))
                    .by(RAIL, "a quarantine is not lifted");
        }
        Refusal.of(() -> scene.patch(
                        scene.operator(), "payments-0-1", "{\"metadata\":{\"labels\":{\"cleanroom.dev/state\":null}}}"))
                .by(RAIL);
        Refusal.of(() -> scene.patch(
                        scene.as(Actor.kubelet().unbounded()), "payments-0-1", "status", Scene.state("active")))
                .by(RAIL);
    }

    @Test
    void aTenantMovesItForwardOnly() {
        scene.buildPod("payments-0-1", Map.of("cleanroom.dev/order", "PreserveFirst"));
        assertThat(scene.patch(scene.tenant(), "payments-0-1", Scene.state("suspect"))
                        .getMetadata()
                        .getLabels())
                .containsEntry("cleanroom.dev/state", "suspect");
        scene.patch(scene.tenant(), "payments-0-1", Scene.state("quarantined"));
        Refusal.of(() -> scene.patch(scene.tenant(), "payments-0-1", Scene.state("suspect")))
                .by(RAIL);
    }

    @Test
    void onlyTheOperatorMovesAPreparingPodToActive() {
        scene.preparingPod(POD, Map.of());
        for (Actor other : List.of(
                scene.tenantWithEveryRight(),
                Actor.user(Scene.ADMINISTRATOR),
                Actor.operatorImpersonated().unbounded())) {
            Refusal.of(() -> scene.patch(scene.as(other), POD, Scene.state("active")))
                    .by(
                            RAIL,
                            "only Cleanroom moves a pod from preparing to active",
                            "kubectl describe pod " + POD + " -n " + scene.namespace());
        }
        KubernetesClient kubelet = scene.as(Actor.kubelet().unbounded());
        Refusal.of(() -> scene.patch(kubelet, POD, "status", Scene.state("active")))
                .by(RAIL, "only Cleanroom moves");

        assertThat(state(scene.patch(kubelet, POD, "status", "{\"status\":{\"message\":\"pulling\"}}")))
                .isEqualTo("preparing");
        assertThat(state(scene.patch(scene.operator(), POD, Scene.state("active"))))
                .isEqualTo("active");
        for (KubernetesClient anyone : List.of(scene.operator(), scene.administrator())) {
            Refusal.of(() -> scene.patch(anyone, POD, Scene.state("preparing"))).by(RAIL, "only moves forward");
        }
    }

    @Test
    void aPreparingPodBecomesActiveOrQuarantinedAndNothingElse() {
        scene.preparingPod(POD, PRESERVED_FIRST);
        for (KubernetesClient anyone : List.of(scene.operator(), scene.administrator(), scene.tenant())) {
            Refusal.of(() -> scene.patch(anyone, POD, Scene.state("suspect")))
                    .by(RAIL, "does not become suspect", "kubectl annotate pod " + POD + " -n " + scene.namespace());
            Refusal.of(() -> scene.patch(anyone, POD, Scene.state("anything"))).by(RAIL, "only moves forward");
        }
        assertThat(state(scene.patch(scene.tenant(), POD, Scene.state("quarantined"))))
                .isEqualTo("quarantined");
        Refusal.of(() -> scene.patch(scene.operator(), POD, Scene.state("active")))
                .by(RAIL, "a quarantine is not lifted");
    }

    /** The request that sets the annotation does not move the state where it also moves the state. */
    @Test
    void whoeverAsksForAQuarantineTheBuildDoesNotStart() {
        scene.preparingPod(POD, Map.of("cleanroom.dev/quarantine", "odd egress"));
        Refusal.of(() -> scene.patch(scene.operator(), POD, Scene.state("active")))
                .by(RAIL, "requests a quarantine of pod " + POD, "its build does not start");
        Refusal.of(() -> scene.patch(scene.operator(), POD, startAnd("null"))).by(RAIL, "requests a quarantine");
        scene.preparingPod("payments-1-1", Map.of());
        Refusal.of(() -> scene.patch(scene.operator(), "payments-1-1", startAnd("\"odd egress\"")))
                .by(RAIL, "requests a quarantine");
    }

    private static String startAnd(String quarantine) {
        return """
                {"metadata":{"labels":{"cleanroom.dev/state":"active"},
                "annotations":{"cleanroom.dev/quarantine":%s}}}""".formatted(quarantine);
    }

    private static String state(Pod pod) {
        return pod.getMetadata().getLabels().get("cleanroom.dev/state");
    }
}
