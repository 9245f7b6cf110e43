package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only the operator deletes a pod past {@code active}. */
@LabTest
class EvidenceStaysTest {
    private static final String RAIL = "evidence-stays";
    private static final String POD = "payments-0-1";

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
    }

    @Test
    void aSuspectIsDeletedByTheOperatorOnly() {
        scene.buildPod(POD);
        scene.patch(scene.operator(), POD, Scene.state("suspect"));
        Refusal.of(() -> scene.tenant()
                        .pods()
                        .inNamespace(scene.namespace())
                        .withName(POD)
                        .delete())
                .by(RAIL, "is suspect and held as evidence", "kubectl get incident -n " + scene.namespace());
        scene.quarantined(POD);
        for (Actor actor : List.of(
                Actor.user(Scene.ADMINISTRATOR),
                Actor.controller("generic-garbage-collector").unbounded(),
                Actor.controller("namespace-controller").unbounded(),
                Actor.controller("pod-garbage-collector").unbounded(),
                Actor.controller("node-controller").unbounded(),
                Actor.controller("job-controller").unbounded(),
                Actor.kubelet().unbounded(),
                Actor.operatorImpersonated().unbounded())) {
            Refusal.of(() -> scene.as(actor)
                            .pods()
                            .inNamespace(scene.namespace())
                            .withName(POD)
                            .delete())
                    .by(RAIL, "is quarantined and held as evidence");
        }
        scene.operator().pods().inNamespace(scene.namespace()).withName(POD).delete();
        assertThat(scene.operator()
                        .pods()
                        .inNamespace(scene.namespace())
                        .withName(POD)
                        .get())
                .isNull();
    }

    @Test
    void deletingManyAtOnceLeavesTheSuspect() {
        scene.buildPod(POD);
        scene.buildPod("payments-1-1");
        scene.quarantined(POD);
        Refusal.of(() -> scene.tenant().raw("/api/v1/namespaces/" + scene.namespace() + "/pods", "DELETE", ""))
                .by(RAIL);
        assertThat(scene.operator()
                        .pods()
                        .inNamespace(scene.namespace())
                        .withName(POD)
                        .get())
                .isNotNull();
    }

    @Test
    void anActiveOrPreparingPodIsDeletedByItsTenant() {
        scene.buildPod(POD);
        isDeletedByItsTenant();
        scene.preparingPod(POD, Map.of());
        isDeletedByItsTenant();
    }

    private void isDeletedByItsTenant() {
        scene.tenant().pods().inNamespace(scene.namespace()).withName(POD).delete();
        assertThat(scene.operator()
                        .pods()
                        .inNamespace(scene.namespace())
                        .withName(POD)
                        .get())
                .isNull();
    }

    @Test
    void aKubeletCompletesADeletionThatWasLetIn() {
        scene.runningBuildPod(POD);
        // Held, so that the flip comes between the deletion and its completion.
        scene.patch(scene.operator(), POD, "{\"metadata\":{\"finalizers\":[\"example.com/held\"]}}");
        scene.tenant().pods().inNamespace(scene.namespace()).withName(POD).delete();
        scene.quarantined(POD);
        Refusal.of(() -> scene.tenant()
                        .pods()
                        .inNamespace(scene.namespace())
                        .withName(POD)
                        .delete())
                .by(RAIL);
        scene.as(Actor.kubelet().unbounded())
                .pods()
                .inNamespace(scene.namespace())
                .withName(POD)
                .withGracePeriod(0)
                .delete();
        scene.patch(scene.operator(), POD, "{\"metadata\":{\"finalizers\":null}}");
        Environments.until(
                "the pod to go",
                () -> assertThat(scene.operator()
                                .pods()
                                .inNamespace(scene.namespace())
                                .withName(POD)
                                .get())
                        .isNull());
    }
}
