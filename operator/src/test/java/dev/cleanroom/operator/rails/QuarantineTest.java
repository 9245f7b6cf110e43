package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The write that sets the annotation also quarantines the pod: no operator runs here. */
@LabTest
class QuarantineTest {
    private static final String REQUEST = "cleanroom.dev/quarantine";

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        assumeTrue(
                lab.admin().getApiResources("admissionregistration.k8s.io/v1").getResources().stream()
                        .anyMatch(resource -> resource.getKind().equals("MutatingAdmissionPolicy")),
                "this API server does not serve MutatingAdmissionPolicy v1");
        scene = Scene.open(lab);
    }

    @Test
    void theAnswerToTheAnnotationIsAQuarantinedPod() {
        scene.buildPod("payments-0-1");
        Pod answered = scene.annotate(scene.tenant(), "payments-0-1", REQUEST, "odd egress");
        assertThat(answered.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined");
        assertThat(answered.getMetadata().getAnnotations())
                .containsEntry(REQUEST, "odd egress")
                .containsEntry(
                        "cleanroom.dev/quarantined-by",
                        "system:serviceaccount:" + scene.namespace() + ":" + Scene.TENANT);
    }

    @Test
    void aPodThatIsPreservedFirstBecomesSuspect() {
        scene.buildPod("payments-0-1", Map.of("cleanroom.dev/order", "PreserveFirst"));
        Pod answered = scene.annotate(scene.tenant(), "payments-0-1", REQUEST, "odd egress");
        assertThat(answered.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "suspect");
    }

    /** A suspect would start its build. */
    @Test
    void aPreparingPodIsQuarantinedWhateverItsOrder() {
        scene.preparingPod("payments-0-1", Map.of("cleanroom.dev/order", "PreserveFirst"));
        scene.preparingPod("payments-1-1", Map.of());
        for (String pod : List.of("payments-0-1", "payments-1-1")) {
            Pod answered = scene.annotate(scene.tenant(), pod, REQUEST, "odd egress");
            assertThat(answered.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined");
            assertThat(answered.getMetadata().getAnnotations())
                    .containsEntry(
                            "cleanroom.dev/quarantined-by",
                            "system:serviceaccount:" + scene.namespace() + ":" + Scene.TENANT);
        }
    }

    @Test
    void aPodThatIsIsolatedFirstIsCutAlsoWhereItWasMadeSuspect() {
        scene.buildPod("payments-0-1");
        scene.patch(scene.operator(), "payments-0-1", Scene.state("suspect"));
        Pod answered = scene.annotate(scene.tenant(), "payments-0-1", REQUEST, "odd egress");
        assertThat(answered.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined");
    }

    @Test
    void aSuspectThatIsPreservedFirstStaysOneUntilTheOperatorCutsIt() {
        scene.buildPod("payments-0-1", Map.of("cleanroom.dev/order", "PreserveFirst"));
        scene.annotate(scene.tenant(), "payments-0-1", REQUEST, "odd egress");
        Pod answered = scene.annotate(scene.tenant(), "payments-0-1", REQUEST, "odder egress");
        assertThat(answered.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "suspect");
        assertThat(scene.quarantined("payments-0-1").getMetadata().getLabels())
                .containsEntry("cleanroom.dev/state", "quarantined");
    }

    @Test
    void aKubeletsNextWriteAnswersTooWhatWasAskedBefore() {
        // The order is read from the pod as it was; here the request comes in through the status.
        scene.buildPod("payments-0-1");
        Pod answered = scene.patch(
                scene.as(Actor.kubelet().unbounded()),
                "payments-0-1",
                "status",
                "{\"metadata\":{\"annotations\":{\"" + REQUEST + "\":\"odd egress\"}}}");
        assertThat(answered.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined");
    }

    @Test
    void manyPodsAreAskedForAtOnce() {
        for (int slot = 0; slot < 5; slot++) {
            scene.buildPod("payments-" + slot + "-1");
        }
        List<Pod> pods = scene.tenant()
                .pods()
                .inNamespace(scene.namespace())
                .withLabel("cleanroom.dev/environment", "payments")
                .list()
                .getItems();
        // What `kubectl annotate pod -l cleanroom.dev/environment=payments` sends.
        pods.forEach(pod -> scene.annotate(scene.tenant(), pod.getMetadata().getName(), REQUEST, "advisory"));
        assertThat(scene.tenant()
                        .pods()
                        .inNamespace(scene.namespace())
                        .withLabel("cleanroom.dev/state", "quarantined")
                        .list()
                        .getItems())
                .hasSize(5);
    }

    @Test
    void theAnnotationTakenOffAgainLiftsNothingAndWhoAskedStays() {
        scene.buildPod("payments-0-1");
        scene.annotate(scene.tenant(), "payments-0-1", REQUEST, "odd egress");
        Pod answered = scene.patch(
                scene.administrator(), "payments-0-1", "{\"metadata\":{\"annotations\":{\"" + REQUEST + "\":null}}}");
        assertThat(answered.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined");
        assertThat(answered.getMetadata().getAnnotations()).containsKey("cleanroom.dev/quarantined-by");
        Refusal.of(() -> scene.annotate(
                        scene.administrator(), "payments-0-1", "cleanroom.dev/quarantined-by", Scene.ADMINISTRATOR))
                .by("build-pods-are-ours", "the only annotation under cleanroom.dev/ that you can set");
    }
}
