package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.MutatingWebhook;
import dev.cleanroom.operator.record.RunLogs;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The observer of a build pod, and what it needs of the pod, is stored as the operator requested it, or not at all. */
@LabTest
class ObservedPodsTest {
    /** With all that the API server would fill in, so that what is requested and what is stored are the same lines. */
    private static final String OBSERVER = """
            name: observer
            image: %s
            imagePullPolicy: IfNotPresent
            restartPolicy: Always
            command: [/cleanroom-tools]
            args: [observe, --workspace, /workspace, build]
            startupProbe:
              exec: {command: [/cleanroom-tools, observe, --probe]}
              periodSeconds: 1
              timeoutSeconds: 5
              failureThreshold: 60
              successThreshold: 1
            securityContext: {runAsUser: 10001}
            resources:
              requests: {cpu: 10m, memory: 32Mi, ephemeral-storage: 16Mi}
              limits: {cpu: 500m, memory: 256Mi, ephemeral-storage: 64Mi}
            terminationMessagePath: /dev/termination-log
            terminationMessagePolicy: File
            """.formatted(Manifests.IMAGE);

    private static final List<PodChange> REFUSED = List.of(
            new PodChange(
                    "no observer",
                    PodChange.removed("/spec/initContainers", 1),
                    "Removed: spec.initContainers[\"observer\"]."),
            new PodChange(
                    "the observer ends before the build starts",
                    pod -> {
                        ((ObjectNode) pod.at("/spec/initContainers/1"))
                                .remove(List.of("restartPolicy", "startupProbe"));
                        return pod;
                    },
                    "spec.initContainers[\"observer\"].restartPolicy"),
            new PodChange(
                    "another init container stays",
                    PodChange.put("/spec/initContainers/0/restartPolicy", "\"Always\""),
                    "spec.initContainers[\"gate\"].restartPolicy"),
            new PodChange(
                    "the observer starts before the gate",
                    pod -> {
                        ArrayNode containers = (ArrayNode) pod.at("/spec/initContainers");
                        containers.insert(0, containers.remove(1));
                        return pod;
                    },
                    "changed: spec.initContainers."),
            new PodChange(
                    "no probe",
                    pod -> {
                        ((ObjectNode) pod.at("/spec/initContainers/1")).remove("startupProbe");
                        return pod;
                    },
                    "[\"observer\"].startupProbe"),
            new PodChange(
                    "a probe that passes at once",
                    PodChange.put(
                            "/spec/initContainers/1/startupProbe/exec/command", "[\"/cleanroom-tools\",\"help\"]"),
                    "[\"observer\"].startupProbe"),
            new PodChange(
                    "a probe with less patience",
                    PodChange.put("/spec/initContainers/1/startupProbe/failureThreshold", "1"),
                    "[\"observer\"].startupProbe"),
            new PodChange(
                    "a probe that ends the observer",
                    PodChange.put("/spec/initContainers/1/livenessProbe", "{\"exec\":{\"command\":[\"false\"]}}"),
                    "[\"observer\"].livenessProbe"),
            new PodChange(
                    "other steps",
                    PodChange.put("/spec/initContainers/1/args", "[\"observe\"]"),
                    "[\"observer\"].args"),
            new PodChange(
                    "the build's user",
                    PodChange.put("/spec/initContainers/1/securityContext/runAsUser", "10000"),
                    "[\"observer\"].securityContext"),
            new PodChange(
                    "the build as the observer's user",
                    PodChange.put("/spec/containers/0/securityContext", "{\"runAsUser\":10001}"),
                    "[\"build\"].securityContext"),
            new PodChange(
                    "less memory",
                    PodChange.put("/spec/initContainers/1/resources/limits/memory", "\"33Mi\""),
                    "[\"observer\"].resources.limits[\"memory\"]"),
            new PodChange("no low ports", PodChange.put("/spec/securityContext/sysctls", "[]"), "spec.securityContext"),
            new PodChange(
                    "less time for the report",
                    PodChange.put("/spec/terminationGracePeriodSeconds", "1"),
                    "spec.terminationGracePeriodSeconds"));

    private static Pod observed(Scene scene) {
        Container gate = new ContainerBuilder()
                .withName("gate")
                .withImage(Manifests.IMAGE)
                .withNewSecurityContext()
                .withRunAsUser(10_000L)
                .endSecurityContext()
                .build();
        return new PodBuilder(scene.gated("payments-0-1", Map.of()))
                .editSpec()
                .withTerminationGracePeriodSeconds(60L)
                .withNewSecurityContext()
                .withRunAsUser(10_002L)
                .addNewSysctl("net.ipv4.ip_unprivileged_port_start", "0")
                .endSecurityContext()
                .withInitContainers(gate, Serialization.unmarshal(OBSERVER, Container.class))
                .endSpec()
                .build();
    }

    /** The names of fields here are those of the values that the operator must write out. */
    @Test
    void theApiServerAddsNothingToAnObserver(Lab lab) {
        Scene scene = Scene.open(lab);
        Pod completed = scene.requested(observed(scene));
        assertThat(completed.getSpec().getInitContainers().get(1))
                .isEqualTo(Serialization.unmarshal(OBSERVER, Container.class));
        assertThat(completed.getMetadata().getAnnotations().get(CleanroomApi.REQUESTED_ANNOTATION))
                .contains("spec.initContainers[\"observer\"].restartPolicy\t[\"Always\"]")
                .contains("spec.initContainers[\"observer\"].startupProbe\t[{\"exec\":{\"command\":")
                .contains("\"sysctls\":[{\"name\":\"net.ipv4.ip_unprivileged_port_start\", \"value\":\"0\"}]");
        Pod stored = scene.operator().resource(completed).create();
        assertThat(stored.getSpec().getInitContainers().get(1).getRestartPolicy())
                .isEqualTo("Always");
    }

    @Test
    void whatAWebhookChangesIsRefusedAndNamed(Lab lab, @TempDir Path directory) throws Exception {
        Scene scene = Scene.open(lab);
        Pod pod = scene.requested(observed(scene));
        try (MutatingWebhook webhook = MutatingWebhook.in(scene.namespace(), lab.admin(), directory)) {
            for (PodChange member : REFUSED) {
                webhook.change(member.change());
                Refusal.of(() -> scene.operator().resource(pod).dryRun(true).create())
                        .as(member.what())
                        .by("requested-is-what-runs", member.named());
            }
        }
    }

    @Test
    void theOperatorReadsWhatTheObserverReportedWhereTheRoleIsBound(Lab lab) throws Exception {
        Scene scene = Scene.open(lab);
        String asked = "{\"name\":\"cdn.example.com\",\"step\":\"build\",\"count\":4}";
        Pod pod = scene.running(new PodBuilder(observed(scene))
                .editMetadata()
                .addToAnnotations("lab.cleanroom.dev/observed", "[" + asked + "]")
                .endMetadata()
                .build());
        String name = pod.getMetadata().getName();
        scene.annotate(scene.tenant(), name, "lab.cleanroom.dev/exit-after", "0s");
        Environments.until(
                "the pod to end",
                () -> assertThat(
                                scene.operator().resource(pod).get().getStatus().getPhase())
                        .isEqualTo("Succeeded"));
        String log = log(scene.operator(), pod);
        String report = log.substring(0, log.indexOf("{\"end\""));
        String digest = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(report.getBytes(StandardCharsets.UTF_8)));
        assertThat(report).contains("{\"step\":\"build\",\"started\":", asked + "\n");
        assertThat(log).endsWith("\"sha256\":\"" + digest + "\"}\n");
        assertThat(scene.operator()
                        .resource(pod)
                        .get()
                        .getStatus()
                        .getInitContainerStatuses()
                        .get(1)
                        .getState()
                        .getTerminated()
                        .getMessage())
                .contains("\"names\":1", digest);

        lab.admin()
                .rbac()
                .roleBindings()
                .inNamespace(scene.namespace())
                .withName(RunLogs.ROLE)
                .delete();
        Environments.until(
                "the right to be gone",
                () -> Refusal.of(() -> log(scene.operator(), pod)).byRoles());
    }

    private static String log(KubernetesClient by, Pod pod) {
        return by.raw("/api/v1/namespaces/" + pod.getMetadata().getNamespace() + "/pods/"
                + pod.getMetadata().getName() + "/log?container=observer&limitBytes=4194305");
    }
}
