package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A suspect pod is neither evicted nor drained. While it runs, the namespace's budget prevents it, and otherwise its
 * incident.
 */
@LabTest
class EvictionTest {
    private static final String POD = "payments-0-1";
    private static final int TOO_MANY_REQUESTS = 429;

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
    }

    @Test
    void theBudgetAnswersFromTheWriteThatFlippedTheState() {
        scene.unbounded()
                .resource(new PodDisruptionBudgetBuilder()
                        .withNewMetadata()
                        .withNamespace(scene.namespace())
                        .withName("cleanroom.evidence")
                        .addToLabels("cleanroom.dev/component", "evidence")
                        .endMetadata()
                        .withNewSpec()
                        .withNewMaxUnavailable(0)
                        .withNewSelector()
                        .addNewMatchExpression()
                        .withKey("cleanroom.dev/state")
                        .withOperator("In")
                        .withValues("suspect", "quarantined")
                        .endMatchExpression()
                        .endSelector()
                        .endSpec()
                        .build())
                .create();
        scene.runningBuildPod(POD);
        scene.runningBuildPod("payments-1-1");
        Environments.until(
                "the budget to be counted",
                () -> assertThat(scene.operator()
                                .policy()
                                .v1()
                                .podDisruptionBudget()
                                .inNamespace(scene.namespace())
                                .withName("cleanroom.evidence")
                                .get()
                                .getStatus())
                        .isNotNull());
        scene.annotate(scene.tenant(), POD, "cleanroom.dev/quarantine", "odd egress");

        var refused = catchThrowableOfType(KubernetesClientException.class, () -> evict(scene.administrator(), POD));
        assertThat(refused.getCode()).isEqualTo(TOO_MANY_REQUESTS);
        evict(scene.administrator(), "payments-1-1");
    }

    @Test
    void aPodIsHeldByItsIncidentUntilThatIsClosed() {
        // Still active, or another rail would hold it too.
        Pod pod = scene.buildPod(POD);
        scene.buildPod("payments-1-1");
        var incident = scene.incident(pod);
        Environments.until(
                "the incident to be known to the rail",
                () -> Refusal.of(() -> evict(scene.administrator(), POD))
                        .by(
                                "evidence-is-not-evicted",
                                "held as evidence by incident "
                                        + incident.getMetadata().getName()));
        Refusal.of(() -> evict(scene.tenant(), POD)).by("evidence-is-not-evicted");
        evict(scene.tenant(), "payments-1-1");

        scene.close(incident);
        Environments.until(
                "the closed incident to release the pod",
                () -> assertThatCode(() -> evict(scene.administrator(), POD)).doesNotThrowAnyException());
    }

    /** This is so while no operator runs: nobody creates an incident, and budgets protect only pods that run. */
    @Test
    void aSuspectThatDoesNotRunIsHeldByItsStateWithoutAnIncident() {
        scene.buildPod(POD);
        scene.buildPod("payments-1-1");
        scene.annotate(scene.tenant(), POD, "cleanroom.dev/quarantine", "odd egress");
        Environments.until(
                "the state to be known to the rail",
                () -> Refusal.of(() -> evict(scene.administrator(), POD))
                        .by("suspects-are-not-evicted", "pod " + POD + " is quarantined"));
        Refusal.of(() -> evict(scene.tenant(), POD)).by("suspects-are-not-evicted");
        evict(scene.tenant(), "payments-1-1");
        evict(scene.unbounded(), POD);
    }

    private void evict(KubernetesClient by, String pod) {
        by.raw("/api/v1/namespaces/" + scene.namespace() + "/pods/" + pod + "/eviction", "POST", """
                {"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"%s","namespace":"%s"}}""".formatted(
                        pod, scene.namespace()));
    }
}
