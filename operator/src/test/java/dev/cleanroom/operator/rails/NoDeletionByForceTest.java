package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * With grace period 0, the object and its network rules would be removed before the processes have ended. With
 * --cascade=orphan, the claim would stay.
 */
@LabTest
class NoDeletionByForceTest {
    private static final String RAIL = "no-deletion-by-force";
    private static final String POD = "payments-0-1";

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
    }

    @Test
    void neitherTenantNorAdministratorForces() {
        scene.runningBuildPod(POD);
        Refusal.of(() -> force(scene.tenant())).by(RAIL, "without --force and --grace-period=0");
        Refusal.of(() -> force(scene.administrator())).by(RAIL);
    }

    @Test
    void norByTheQueryInPlaceOfTheBody() {
        scene.runningBuildPod(POD);
        Refusal.of(() -> scene.tenant().raw(path() + "?gracePeriodSeconds=0", "DELETE", ""))
                .by(RAIL);
    }

    @Test
    void norByAnEviction() {
        scene.runningBuildPod(POD);
        Refusal.of(() -> evict(scene.tenant(), POD, ",\"deleteOptions\":{\"gracePeriodSeconds\":0}"))
                .by(RAIL);
        evict(scene.tenant(), POD, "");
        gone();
    }

    @Test
    void theOperatorAndForALostNodeThePodGarbageCollectorDo() {
        scene.runningBuildPod(POD);
        force(scene.operator());
        gone();
        scene.runningBuildPod(POD);
        force(scene.as(Actor.controller("pod-garbage-collector").unbounded()));
        gone();
    }

    @Test
    void aPreparingPodIsNotForcedEither() {
        scene.running(Scene.preparing(scene.gated(POD, Map.of())));
        Refusal.of(() -> force(scene.tenant())).by(RAIL, "without --force and --grace-period=0");
        force(scene.as(Actor.controller("pod-garbage-collector").unbounded()));
        gone();
    }

    @Test
    void aKubeletCompletesOnlyWhatWasAskedFor() {
        scene.runningBuildPod(POD);
        Refusal.of(() -> force(scene.as(Actor.kubelet().unbounded()))).by(RAIL);
        // The simulated node deletes with grace period 0 once the pod has stopped.
        scene.tenant().pods().inNamespace(scene.namespace()).withName(POD).delete();
        gone();
    }

    @Test
    void aPodWithoutProcessesIsDeletedAsItIs() {
        // The API server itself makes the grace period 0 where nothing runs: not scheduled yet, or ended.
        scene.buildPod(POD);
        scene.tenant().pods().inNamespace(scene.namespace()).withName(POD).delete();
        gone();
    }

    /** The claim would have no owner, and nobody may delete it. */
    @Test
    void nobodyOrphansTheClaim() {
        scene.buildPod(POD);
        for (KubernetesClient other : List.of(scene.tenant(), scene.administrator())) {
            Refusal.of(() -> orphan(other)).by(RAIL, "without --cascade=orphan");
            Refusal.of(() -> other.raw(path() + "?orphanDependents=true", "DELETE", ""))
                    .by(RAIL);
            Refusal.of(() -> other.raw(
                            path().replace("/" + POD, "?propagationPolicy=Orphan&labelSelector=cleanroom.dev/state"),
                            "DELETE",
                            ""))
                    .by(RAIL);
            Refusal.of(() -> evict(other, POD, ",\"deleteOptions\":{\"propagationPolicy\":\"Orphan\"}"))
                    .by(RAIL);
        }
        scene.tenant().resource(scene.plainPod("web-0-1")).create();
        scene.tenant()
                .pods()
                .inNamespace(scene.namespace())
                .withName("web-0-1")
                .withPropagationPolicy(DeletionPropagation.ORPHAN)
                .delete();
        scene.tenant()
                .pods()
                .inNamespace(scene.namespace())
                .withName(POD)
                .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                .delete();
        gone();
    }

    @Test
    void otherPodsAreForcedAsEver() {
        scene.tenant().resource(scene.plainPod(POD)).create();
        force(scene.tenant());
        gone();
    }

    private void orphan(KubernetesClient by) {
        by.pods()
                .inNamespace(scene.namespace())
                .withName(POD)
                .withPropagationPolicy(DeletionPropagation.ORPHAN)
                .delete();
    }

    private void force(KubernetesClient by) {
        by.pods()
                .inNamespace(scene.namespace())
                .withName(POD)
                .withGracePeriod(0)
                .delete();
    }

    private void evict(KubernetesClient by, String pod, String options) {
        by.raw(path() + "/eviction", "POST", """
                {"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"%s","namespace":"%s"}%s}""".formatted(pod, scene.namespace(), options));
    }

    private String path() {
        return "/api/v1/namespaces/" + scene.namespace() + "/pods/" + POD;
    }

    private void gone() {
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
