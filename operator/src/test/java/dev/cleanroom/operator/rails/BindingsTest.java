package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The API server copies labels and annotations of a Binding onto its pod, without admission for the pod. */
@LabTest
class BindingsTest {
    private static final String RAIL = "bindings-add-nothing";
    private static final String POD = "payments-0-1";

    private Scene scene;
    private List<KubernetesClient> everybody;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
        everybody = List.of(scene.administrator(), scene.as(scene.tenantWithEveryRight()), scene.unbounded());
    }

    @Test
    void noBindingTakesAStateBackOrForgesAnAnnotation() {
        waiting(scene.gated(POD, Map.of()));
        scene.quarantined(POD);
        for (KubernetesClient anybody : everybody) {
            for (String forged :
                    List.of("labels: {cleanroom.dev/state: active}", "annotations: {cleanroom.dev/images: any}")) {
                Refusal.of(() -> bind(anybody, "pods/" + POD + "/binding", POD, forged))
                        .by(RAIL, "only Cleanroom sets those under cleanroom.dev/");
                Refusal.of(() -> bind(anybody, "bindings", POD, forged))
                        .by(RAIL, "only Cleanroom sets those under cleanroom.dev/");
            }
        }
        bind(scene.administrator(), "pods/" + POD + "/binding", POD, "annotations: {example.com/note: mine}");
        assertThat(stored(POD).getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined");
        assertThat(stored(POD).getSpec().getNodeName()).isEqualTo("nowhere");
    }

    @Test
    void aBuildPodGetsNoLabelFromOneButWhereItsNodeIs() {
        waiting(scene.gated(POD, Map.of()));
        for (KubernetesClient anybody : everybody) {
            Refusal.of(() -> bind(anybody, "pods/" + POD + "/binding", POD, "labels: {app: web}"))
                    .by(RAIL, "decide which network policies select it");
        }
        bind(scene.administrator(), "pods/" + POD + "/binding", POD, "labels: {topology.kubernetes.io/zone: a}");
        assertThat(stored(POD).getMetadata().getLabels()).containsEntry("topology.kubernetes.io/zone", "a");
    }

    @Test
    void otherPodsAreBoundAsEver() {
        waiting(scene.plainPod("web"));
        bind(scene.administrator(), "bindings", "web", "labels: {app: db}");
        assertThat(stored("web").getMetadata().getLabels()).containsEntry("app", "db");
    }

    /** Creates a pod that waits for a scheduler that does not exist. */
    private void waiting(Pod pod) {
        scene.operator()
                .resource(scene.requested(new PodBuilder(pod)
                        .editSpec()
                        .withSchedulingGates()
                        .withSchedulerName("nobody")
                        .endSpec()
                        .build()))
                .create();
    }

    private Pod stored(String name) {
        return scene.administrator()
                .pods()
                .inNamespace(scene.namespace())
                .withName(name)
                .get();
    }

    private void bind(KubernetesClient by, String where, String pod, String carried) {
        by.raw(
                "/api/v1/namespaces/" + scene.namespace() + "/" + where,
                "POST",
                Serialization.asJson(
                        Serialization.unmarshal("""
                apiVersion: v1
                kind: Binding
                metadata: {name: %s, namespace: %s, %s}
                target: {kind: Node, name: nowhere}
                """.formatted(pod, scene.namespace(), carried), Map.class)));
    }
}
