package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The rails do not affect other namespaces, nor other workloads in a namespace open for builds. */
@LabTest
class UnrelatedWorkloadsTest {
    private static final String WORKLOADS = """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: web}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  serviceAccountName: web
                  containers: [{name: web, image: 'registry.example.com/web:1'}]
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db}
            spec:
              selector: {matchLabels: {app: db}}
              serviceName: db
              template:
                metadata: {labels: {app: db}}
                spec:
                  containers: [{name: db, image: 'registry.example.com/db:1'}]
              volumeClaimTemplates:
                - metadata: {name: data}
                  spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
            ---
            apiVersion: batch/v1
            kind: Job
            metadata: {name: report}
            spec:
              activeDeadlineSeconds: 600
              template:
                metadata: {annotations: {lab.cleanroom.dev/exit-after: 0s}}
                spec:
                  restartPolicy: Never
                  containers: [{name: report, image: 'registry.example.com/report:1'}]
            ---
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: web}
            spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: web}
            type: Opaque
            """;

    @Test
    void otherWorkloadsLiveInANamespaceOpenForBuilds(Lab lab) {
        live(Scene.open(lab));
    }

    @Test
    void aNamespaceThatIsNotOpenIsLeftAloneWhollyOursLabelsIncluded(Lab lab) {
        Scene scene = Scene.notForBuilds(lab);
        live(scene);
        Pod pod = scene.gated("payments-0-1", Map.of());
        scene.tenant().resource(pod).create();
        scene.patch(scene.tenant(), "payments-0-1", Scene.state("quarantined"));
        scene.patch(scene.tenant(), "payments-0-1", Scene.state("active"));
        assertThat(scene.annotate(scene.tenant(), "payments-0-1", "cleanroom.dev/quarantine", "odd")
                        .getMetadata()
                        .getLabels())
                .containsEntry("cleanroom.dev/state", "active");
        scene.tenant().resource(pod).withGracePeriod(0).delete();
    }

    /** A tenant and the controllers create, roll out, scale, force, evict and delete workloads. */
    private static void live(Scene scene) {
        KubernetesClient tenant = scene.tenant();
        List<HasMetadata> workloads = tenant.load(new ByteArrayInputStream(WORKLOADS.getBytes(StandardCharsets.UTF_8)))
                .items();
        workloads.forEach(
                item -> tenant.resource(item).inNamespace(scene.namespace()).create());
        Environments.until("all to run, and the job to be done", () -> {
            assertThat(tenant.apps()
                            .deployments()
                            .inNamespace(scene.namespace())
                            .withName("web")
                            .get()
                            .getStatus()
                            .getReadyReplicas())
                    .isEqualTo(2);
            assertThat(tenant.apps()
                            .statefulSets()
                            .inNamespace(scene.namespace())
                            .withName("db")
                            .get()
                            .getStatus()
                            .getReadyReplicas())
                    .isEqualTo(1);
            assertThat(tenant.batch()
                            .v1()
                            .jobs()
                            .inNamespace(scene.namespace())
                            .withName("report")
                            .get()
                            .getStatus()
                            .getSucceeded())
                    .isEqualTo(1);
        });
        String web = tenant.pods()
                .inNamespace(scene.namespace())
                .withLabel("app", "web")
                .list()
                .getItems()
                .getFirst()
                .getMetadata()
                .getName();
        scene.patch(tenant, web, "{\"metadata\":{\"labels\":{\"canary\":\"yes\"}}}");
        tenant.pods()
                .inNamespace(scene.namespace())
                .withName("db-0")
                .withGracePeriod(0)
                .delete();
        tenant.raw("/api/v1/namespaces/" + scene.namespace() + "/pods/" + web + "/eviction", "POST", """
                {"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"%s","namespace":"%s"},
                "deleteOptions":{"gracePeriodSeconds":0}}""".formatted(
                        web, scene.namespace()));
        tenant.apps()
                .deployments()
                .inNamespace(scene.namespace())
                .withName("web")
                .scale(1);
        workloads.forEach(
                item -> tenant.resource(item).inNamespace(scene.namespace()).delete());
        Environments.until(
                "their pods to go",
                () -> assertThat(tenant.pods()
                                .inNamespace(scene.namespace())
                                .withLabelIn("app", "web", "db")
                                .list()
                                .getItems())
                        .isEmpty());
    }
}
