package dev.cleanroom.operator.containment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Clients;
import dev.cleanroom.operator.kube.RestApi;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Fault;
import dev.cleanroom.operator.lab.Kubeconfig;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.RecordingProxy;
import dev.cleanroom.operator.lab.Requests;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever asks for the quarantine of a preparing pod gets it, also while its build is about to start. */
@LabTest
class PreparingPodsTest {
    private static final String POD = "payments-0-1";
    private static final String WITNESS = "payments-1-1";
    private static final Map<String, String> REQUEST = Map.of("cleanroom.dev/quarantine", "odd egress");

    private Environments environments;
    private RecordingProxy proxy;
    private KubernetesClient admin;

    /** Not open for builds, so that no rail answers the annotation in place of the hot path. */
    @BeforeEach
    void open(Lab lab) {
        environments = lab.environments(lab.namespace(Map.of()));
        proxy = lab.proxy();
        admin = lab.admin();
        KubernetesClient client = Clients.forContainment(Kubeconfig.read(lab.kubeconfig(proxy)));
        HotPath hotPath =
                new HotPath(client, new RestApi(client), Set.of(environments.namespace()), (flip, answer) -> {});
        lab.onClose(client::close);
        lab.onClose(hotPath::close);
        hotPath.start();
    }

    @Test
    void aPreparingPodIsQuarantinedWhateverItsOrder() {
        create(POD, "preparing", Map.of("cleanroom.dev/order", "PreserveFirst"));
        create(WITNESS, "active", Map.of("cleanroom.dev/order", "PreserveFirst"));
        environments.annotatePod(POD, REQUEST);
        environments.annotatePod(WITNESS, REQUEST);
        await(POD, "quarantined");
        await(WITNESS, "suspect");
    }

    /** The event that the pod is active arrives while the flip from preparing is under way, and is ignored. */
    @Test
    void aPodWhoseBuildStartsMeanwhileIsFlippedFromItsNewState() {
        create(POD, "preparing", Map.of());
        Fault.Hold flips = proxy.hold(Requests.method("PATCH").and(Requests.on("pods")));
        environments.annotatePod(POD, REQUEST);
        Environments.until("the flip to be sent", () -> assertThat(flips.held()).isEqualTo(1));
        admin.pods()
                .inNamespace(environments.namespace())
                .withName(POD)
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .addToLabels(CleanroomApi.STATE_LABEL, "active")
                        .endMetadata()
                        .build());
        create(WITNESS, "active", REQUEST);
        Environments.until(
                "a later event to be handled", () -> assertThat(flips.held()).isEqualTo(2));

        proxy.clearFaults();
        flips.release();
        await(POD, "quarantined");
        await(WITNESS, "quarantined");
    }

    private void create(String name, String state, Map<String, String> annotations) {
        Pod pod = Manifests.neverScheduled(environments.namespace(), name, "payments", state);
        pod.getMetadata().getAnnotations().putAll(annotations);
        admin.resource(pod).create();
    }

    private void await(String pod, String state) {
        environments.awaitPod(
                pod, it -> assertThat(it.getMetadata().getLabels()).containsEntry(CleanroomApi.STATE_LABEL, state));
    }
}
