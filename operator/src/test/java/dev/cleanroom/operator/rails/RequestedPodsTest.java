package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.MutatingWebhook;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build pod is stored as the operator requested it, or not at all: also when a webhook changes the request. */
@LabTest
class RequestedPodsTest {
    private static final String RAIL = "requested-is-what-runs";

    private static final List<PodChange> REFUSED = List.of(
            new PodChange(
                    "the gate is taken out",
                    PodChange.removed("/spec/initContainers", 0),
                    "Removed: spec.initContainers[\"gate\"]."),
            new PodChange(
                    "the gate comes last",
                    pod -> {
                        ArrayNode steps = (ArrayNode) pod.at("/spec/initContainers");
                        steps.add(steps.remove(0));
                        return pod;
                    },
                    "changed: spec.initContainers."),
            new PodChange(
                    "the gate does not wait",
                    PodChange.put("/spec/initContainers/0/args", "[\"--help\"]"),
                    "[\"gate\"].args"),
            new PodChange(
                    "another command", PodChange.put("/spec/containers/0/command", "[\"sh\"]"), "[\"build\"].command"),
            new PodChange(
                    "a variable is added",
                    PodChange.added("/spec/containers/0/env", "{\"name\":\"LD_PRELOAD\",\"value\":\"/tmp/x.so\"}"),
                    "[\"build\"].env"),
            new PodChange(
                    "a workload identity",
                    PodChange.added(
                            "/spec/volumes",
                            "{\"name\":\"aws-iam-token\",\"projected\":{\"sources\":[{\"serviceAccountToken\":"
                                    + "{\"audience\":\"sts.amazonaws.com\",\"path\":\"token\"}}]}}"),
                    "spec.volumes[\"aws-iam-token\"]"),
            new PodChange(
                    "the API server's token",
                    PodChange.put("/spec/automountServiceAccountToken", "true"),
                    "spec.automount"),
            new PodChange(
                    "another Secret",
                    PodChange.put("/spec/volumes/4/secret", "{\"secretName\":\"other\"}"),
                    "spec.volumes["),
            new PodChange(
                    "a mount",
                    PodChange.added(
                            "/spec/containers/0/volumeMounts", "{\"name\":\"tmp-build\",\"mountPath\":\"/usr/bin\"}"),
                    "[\"build\"].volumeMounts"),
            new PodChange(
                    "a writable root",
                    PodChange.put("/spec/containers/0/securityContext/readOnlyRootFilesystem", "false"),
                    "[\"build\"].securityContext"),
            new PodChange(
                    "another user", PodChange.put("/spec/securityContext/runAsUser", "20000"), "spec.securityContext"),
            new PodChange("sysctls", PodChange.put("/spec/securityContext/sysctls", """
                    [{"name":"net.ipv4.ip_unprivileged_port_start","value":"1024"}]"""), "spec.securityContext"),
            new PodChange(
                    "another account",
                    PodChange.put("/spec/serviceAccountName", "\"default\""),
                    "spec.serviceAccountName"),
            new PodChange(
                    "DNS of the cluster",
                    pod -> {
                        ((ObjectNode) pod.get("spec"))
                                .put("dnsPolicy", "ClusterFirst")
                                .remove("dnsConfig");
                        return pod;
                    },
                    "spec.dnsPolicy"),
            new PodChange(
                    "a host alias",
                    PodChange.added("/spec/hostAliases", "{\"ip\":\"203.0.113.8\",\"hostnames\":[\"a.example.com\"]}"),
                    "spec.hostAliases"),
            // The API server itself refuses both together.
            new PodChange(
                    "the node's network",
                    pod -> {
                        ((ObjectNode) pod.at("/spec/securityContext")).remove("sysctls");
                        return PodChange.put("/spec/hostNetwork", "true").apply(pod);
                    },
                    "spec.hostNetwork"),
            new PodChange("a restart", PodChange.put("/spec/restartPolicy", "\"OnFailure\""), "spec.restartPolicy"),
            new PodChange(
                    "a deadline", PodChange.put("/spec/activeDeadlineSeconds", "5"), "spec.activeDeadlineSeconds"),
            new PodChange(
                    "a grace period",
                    PodChange.put("/spec/terminationGracePeriodSeconds", "0"),
                    "terminationGracePeriod"),
            new PodChange(
                    "a hook",
                    PodChange.put("/spec/containers/0/lifecycle", "{\"preStop\":{\"sleep\":{\"seconds\":5}}}"),
                    "[\"build\"].lifecycle"),
            new PodChange(
                    "more memory",
                    PodChange.put("/spec/containers/0/resources/limits/memory", "\"2G\""),
                    "[\"build\"].resources.limits[\"memory\"]"),
            new PodChange(
                    "a device",
                    pod -> {
                        ((ObjectNode) pod.at("/spec/containers/0/resources/limits")).put("example.com/gpu", "1");
                        return pod;
                    },
                    "resources.limits[\"example.com/gpu\"]"),
            new PodChange(
                    "another pool of nodes",
                    PodChange.put("/spec/nodeSelector", "{\"a\":\"b\"}"),
                    "spec.nodeSelector["),
            new PodChange(
                    "a taint is tolerated",
                    PodChange.added("/spec/tolerations", "{\"operator\":\"Exists\"}"),
                    "spec.tolerations"),
            new PodChange("a node is chosen", PodChange.put("/spec/nodeName", "\"node-1\""), "spec.nodeName"),
            new PodChange(
                    "a scheduling gate",
                    PodChange.put("/spec/schedulingGates", "[{\"name\":\"example.com/q\"}]"),
                    "Gates"),
            new PodChange(
                    "a finalizer", PodChange.put("/metadata/finalizers", "[\"example.com/f\"]"), "metadata.finalizers"),
            new PodChange(
                    "no owner", PodChange.put("/metadata/ownerReferences", "[]"), "Removed: metadata.ownerReferences"),
            new PodChange(
                    "a label that another policy selects",
                    PodChange.put("/metadata/labels/app", "\"web\""),
                    "metadata.labels[\"app\"]"),
            new PodChange(
                    "another state",
                    pod -> {
                        ((ObjectNode) pod.at("/metadata/labels")).put("cleanroom.dev/state", "suspect");
                        return pod;
                    },
                    "metadata.labels[\"cleanroom.dev/state\"]"),
            new PodChange(
                    "another network interface",
                    pod -> {
                        ((ObjectNode) pod.at("/metadata/annotations")).put("k8s.v1.cni.cncf.io/networks", "flat");
                        return pod;
                    },
                    "metadata.annotations[\"k8s.v1.cni.cncf.io/networks\"]"),
            new PodChange(
                    "a greater workspace",
                    PodChange.put("/spec/volumes/0/ephemeral/volumeClaimTemplate/spec/resources", """
                    {"requests":{"storage":"100Gi"}}"""),
                    "spec.volumes[\"cleanroom-workspace\"]"));

    private static final List<PodChange> HARMLESS = List.of(
            new PodChange("a preferred node", PodChange.put("/spec/affinity", """
                    {"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":
                    {"matchExpressions":[{"key":"a","operator":"Exists"}]}}]}}"""), ""),
            new PodChange("fewer nodes", PodChange.put("/spec/nodeSelector/zone", "\"a\""), ""),
            new PodChange(
                    "how long a lost node is tolerated",
                    PodChange.added(
                            "/spec/tolerations",
                            "{\"key\":\"node.kubernetes.io/unreachable\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
                                    + "\"tolerationSeconds\":60}"),
                    ""),
            new PodChange(
                    "images are always pulled", PodChange.put("/spec/containers/0/imagePullPolicy", "\"Always\""), ""),
            new PodChange("a pull secret", PodChange.added("/spec/imagePullSecrets", "{\"name\":\"mirror\"}"), ""));

    @Test
    void aPodThatNothingChangesIsStored(Lab lab) {
        Scene scene = Scene.open(lab);
        Pod stored = scene.operator().resource(RequestedPods.full(scene)).create();
        assertThat(stored.getMetadata().getUid()).isNotEmpty();
    }

    @Test
    void theLargestEnvironmentIsWithinTheCostThatTheApiServerAllows(Lab lab) {
        Scene scene = Scene.open(lab);
        assertThat(scene.operator()
                        .resource(RequestedPods.largest(scene))
                        .dryRun(true)
                        .create())
                .isNotNull();
    }

    @Test
    void whatAWebhookChangesIsRefusedAndNamed(Lab lab, @TempDir Path directory) throws Exception {
        Scene scene = Scene.open(lab);
        Pod pod = RequestedPods.full(scene);
        try (MutatingWebhook webhook = MutatingWebhook.in(scene.namespace(), lab.admin(), directory)) {
            for (PodChange member : REFUSED) {
                webhook.change(member.change());
                Refusal.of(() -> scene.operator().resource(pod).dryRun(true).create())
                        .as(member.what())
                        .by(RAIL, member.named(), "kubectl get mutatingwebhookconfigurations");
            }
            for (PodChange member : HARMLESS) {
                webhook.change(member.change());
                assertThat(scene.operator().resource(pod).dryRun(true).create())
                        .as(member.what())
                        .isNotNull();
            }
        }
    }

    @Test
    void aPodThatDoesNotSayWhatWasRequestedIsRefused(Lab lab) {
        Scene scene = Scene.open(lab);
        Refusal.of(() -> scene.operator()
                        .resource(scene.gated("payments-0-1", Map.of()))
                        .create())
                .by(RAIL, "the operator is older than the chart", "kubectl get pods -n cleanroom-system");
    }

    @Test
    void aRequestThatLeavesNoRoomForAQuarantineIsRefused(Lab lab) {
        Scene scene = Scene.open(lab);
        Pod pod = scene.requested(new PodBuilder(scene.gated("payments-0-1", Map.of()))
                .editSpec()
                .editFirstContainer()
                .withArgs("x".repeat(200_000))
                .endContainer()
                .endSpec()
                .build());
        Refusal.of(() -> scene.operator().resource(pod).create())
                .by(RAIL, "more than 200,000 characters", "spec.configs");
    }

    @Test
    void aWebhookChangesNeitherSpecNorLabelsInAnUpdate(Lab lab, @TempDir Path directory) throws Exception {
        Scene scene = Scene.open(lab);
        String name = scene.buildPod("payments-0-1").getMetadata().getName();
        try (MutatingWebhook webhook = MutatingWebhook.in(scene.namespace(), lab.admin(), directory)) {
            webhook.change(PodChange.put("/spec/activeDeadlineSeconds", "60"));
            Refusal.of(() -> scene.quarantined(name)).by(RAIL, "spec of a build pod");
            for (String label : List.of("app", "cleanroom.dev/environment")) {
                webhook.change(pod -> {
                    ((ObjectNode) pod.at("/metadata/labels")).put(label, "web");
                    return pod;
                });
                Refusal.of(() -> scene.quarantined(name)).by(RAIL, "labels of a build pod");
            }
            webhook.change(pod -> {
                ((ObjectNode) pod.at("/metadata/labels")).remove("cleanroom.dev/environment");
                return pod;
            });
            Refusal.of(() -> scene.quarantined(name)).by(RAIL, "labels of a build pod");
            webhook.change(UnaryOperator.identity());
            scene.quarantined(name);
        }
    }
}
