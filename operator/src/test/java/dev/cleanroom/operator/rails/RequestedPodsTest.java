package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.MutatingWebhook;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.UncheckedIOException;
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
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a webhook may do, as a path and the JSON that it puts there, and the field that the refusal names. */
    private record Member(String what, UnaryOperator<ObjectNode> change, String named) {}

    private static final List<Member> REFUSED = List.of(
            new Member(
                    "the gate is taken out",
                    removed("/spec/initContainers", 0),
                    "Removed: spec.initContainers[\"gate\"]."),
            new Member(
                    "the gate comes last",
                    pod -> {
                        ArrayNode steps = (ArrayNode) pod.at("/spec/initContainers");
                        steps.add(steps.remove(0));
                        return pod;
                    },
                    "changed: spec.initContainers."),
            new Member("the gate does not wait", put("/spec/initContainers/0/args", "[\"--help\"]"), "[\"gate\"].args"),
            new Member("another command", put("/spec/containers/0/command", "[\"sh\"]"), "[\"build\"].command"),
            new Member(
                    "a variable is added",
                    added("/spec/containers/0/env", "{\"name\":\"LD_PRELOAD\",\"value\":\"/tmp/x.so\"}"),
                    "[\"build\"].env"),
            new Member(
                    "a workload identity",
                    added(
                            "/spec/volumes",
                            "{\"name\":\"aws-iam-token\",\"projected\":{\"sources\":[{\"serviceAccountToken\":"
                                    + "{\"audience\":\"sts.amazonaws.com\",\"path\":\"token\"}}]}}"),
                    "spec.volumes[\"aws-iam-token\"]"),
            new Member("the API server's token", put("/spec/automountServiceAccountToken", "true"), "spec.automount"),
            new Member("another Secret", put("/spec/volumes/4/secret", "{\"secretName\":\"other\"}"), "spec.volumes["),
            new Member(
                    "a mount",
                    added("/spec/containers/0/volumeMounts", "{\"name\":\"tmp-build\",\"mountPath\":\"/usr/bin\"}"),
                    "[\"build\"].volumeMounts"),
            new Member(
                    "a writable root",
                    put("/spec/containers/0/securityContext/readOnlyRootFilesystem", "false"),
                    "[\"build\"].securityContext"),
            new Member("another user", put("/spec/securityContext/runAsUser", "20000"), "spec.securityContext"),
            new Member("sysctls", put("/spec/securityContext/sysctls", """
                    [{"name":"net.ipv4.ip_unprivileged_port_start","value":"0"}]"""), "spec.securityContext"),
            new Member("another account", put("/spec/serviceAccountName", "\"default\""), "spec.serviceAccountName"),
            new Member(
                    "DNS of the cluster",
                    pod -> {
                        ((ObjectNode) pod.get("spec"))
                                .put("dnsPolicy", "ClusterFirst")
                                .remove("dnsConfig");
                        return pod;
                    },
                    "spec.dnsPolicy"),
            new Member(
                    "a host alias",
                    added("/spec/hostAliases", "{\"ip\":\"203.0.113.8\",\"hostnames\":[\"a.example.com\"]}"),
                    "spec.hostAliases"),
            new Member("the node's network", put("/spec/hostNetwork", "true"), "spec.hostNetwork"),
            new Member("a restart", put("/spec/restartPolicy", "\"OnFailure\""), "spec.restartPolicy"),
            new Member("a deadline", put("/spec/activeDeadlineSeconds", "5"), "spec.activeDeadlineSeconds"),
            new Member("a grace period", put("/spec/terminationGracePeriodSeconds", "0"), "terminationGracePeriod"),
            new Member(
                    "a hook",
                    put("/spec/containers/0/lifecycle", "{\"preStop\":{\"sleep\":{\"seconds\":5}}}"),
                    "[\"build\"].lifecycle"),
            new Member(
                    "more memory",
                    put("/spec/containers/0/resources/limits/memory", "\"2G\""),
                    "[\"build\"].resources.limits[\"memory\"]"),
            new Member(
                    "a device",
                    pod -> {
                        ((ObjectNode) pod.at("/spec/containers/0/resources/limits")).put("example.com/gpu", "1");
                        return pod;
                    },
                    "resources.limits[\"example.com/gpu\"]"),
            new Member("another pool of nodes", put("/spec/nodeSelector", "{\"a\":\"b\"}"), "spec.nodeSelector["),
            new Member(
                    "a taint is tolerated",
                    added("/spec/tolerations", "{\"operator\":\"Exists\"}"),
                    "spec.tolerations"),
            new Member("a node is chosen", put("/spec/nodeName", "\"node-1\""), "spec.nodeName"),
            new Member("a scheduling gate", put("/spec/schedulingGates", "[{\"name\":\"example.com/q\"}]"), "Gates"),
            new Member("a finalizer", put("/metadata/finalizers", "[\"example.com/f\"]"), "metadata.finalizers"),
            new Member("no owner", put("/metadata/ownerReferences", "[]"), "Removed: metadata.ownerReferences"),
            new Member(
                    "a label that another policy selects",
                    put("/metadata/labels/app", "\"web\""),
                    "metadata.labels[\"app\"]"),
            new Member(
                    "another state",
                    pod -> {
                        ((ObjectNode) pod.at("/metadata/labels")).put("cleanroom.dev/state", "suspect");
                        return pod;
                    },
                    "metadata.labels[\"cleanroom.dev/state\"]"),
            new Member(
                    "another network interface",
                    pod -> {
                        ((ObjectNode) pod.at("/metadata/annotations")).put("k8s.v1.cni.cncf.io/networks", "flat");
                        return pod;
                    },
                    "metadata.annotations[\"k8s.v1.cni.cncf.io/networks\"]"),
            new Member(
                    "a greater workspace",
                    put("/spec/volumes/0/ephemeral/volumeClaimTemplate/spec/resources", """
                    {"requests":{"storage":"100Gi"}}"""),
                    "spec.volumes[\"cleanroom-workspace\"]"));

    private static final List<Member> HARMLESS = List.of(
            new Member("a preferred node", put("/spec/affinity", """
                    {"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":
                    {"matchExpressions":[{"key":"a","operator":"Exists"}]}}]}}"""), ""),
            new Member("fewer nodes", put("/spec/nodeSelector/zone", "\"a\""), ""),
            new Member(
                    "how long a lost node is tolerated",
                    added(
                            "/spec/tolerations",
                            "{\"key\":\"node.kubernetes.io/unreachable\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
                                    + "\"tolerationSeconds\":60}"),
                    ""),
            new Member("images are always pulled", put("/spec/containers/0/imagePullPolicy", "\"Always\""), ""),
            new Member("a pull secret", added("/spec/imagePullSecrets", "{\"name\":\"mirror\"}"), ""));

    private static final BuildEnvironmentClassSpec ALLOWING =
            Serialization.unmarshal("""
            pod:
              labels: {team: payments}
              allowedChanges:
                labels: [example.com/mesh, team]
                annotations: [example.com/revision]
                tolerations: true
            """, BuildEnvironmentClassSpec.class);

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
            for (Member member : REFUSED) {
                webhook.change(member.change());
                Refusal.of(() -> scene.operator().resource(pod).dryRun(true).create())
                        .as(member.what())
                        .by(RAIL, member.named(), "kubectl get mutatingwebhookconfigurations");
            }
            for (Member member : HARMLESS) {
                webhook.change(member.change());
                assertThat(scene.operator().resource(pod).dryRun(true).create())
                        .as(member.what())
                        .isNotNull();
            }
        }
    }

    /** What a class lists, and nothing beside it. */
    @Test
    void whatAClassAllowsAWebhookMayChange(Lab lab, @TempDir Path directory) throws Exception {
        Scene scene = Scene.open(lab);
        RequestedPods.full(scene);
        Pod pod = RequestedPods.pod(RequestedPods.environment(scene.namespace()), ALLOWING);
        List<Member> allowed = List.of(
                new Member("a label of a mesh", put("/metadata/labels/example.com~1mesh", "\"on\""), ""),
                new Member("a label of the class", put("/metadata/labels/team", "\"search\""), ""),
                new Member("an annotation", put("/metadata/annotations/example.com~1revision", "\"7\""), ""),
                new Member(
                        "a toleration",
                        put("/spec/tolerations", "[{\"key\":\"sandbox\",\"operator\":\"Exists\"}]"),
                        ""));
        List<Member> refused = List.of(
                new Member(
                        "a label that begins with an allowed one",
                        put("/metadata/labels/example.com~1mesh-gateway", "\"on\""),
                        "metadata.labels[\"example.com/mesh-gateway\"]"),
                new Member(
                        "the key of a label as an annotation",
                        put("/metadata/annotations/team", "\"search\""),
                        "metadata.annotations[\"team\"]"),
                new Member(
                        "a label that looks like a line",
                        put("/metadata/annotations/x", "\"\\nspec.hostNetwork\\t*\""),
                        "metadata.annotations[\"x\"]"),
                new Member(
                        "the state",
                        put("/metadata/labels/cleanroom.dev~1state", "\"suspect\""),
                        "cleanroom.dev/state"),
                new Member("a command", put("/spec/containers/0/command", "[\"sh\"]"), "[\"build\"].command"));
        try (MutatingWebhook webhook = MutatingWebhook.in(scene.namespace(), lab.admin(), directory)) {
            for (Member member : allowed) {
                webhook.change(member.change());
                assertThat(scene.operator().resource(pod).dryRun(true).create())
                        .as(member.what())
                        .isNotNull();
            }
            for (Member member : refused) {
                webhook.change(member.change());
                Refusal.of(() -> scene.operator().resource(pod).dryRun(true).create())
                        .as(member.what())
                        .by(RAIL, member.named());
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
            webhook.change(put("/spec/activeDeadlineSeconds", "60"));
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

    private static UnaryOperator<ObjectNode> put(String pointer, String json) {
        int last = pointer.lastIndexOf('/');
        return pod -> {
            ((ObjectNode) pod.at(pointer.substring(0, last)))
                    .set(pointer.substring(last + 1).replace("~1", "/"), parsed(json));
            return pod;
        };
    }

    private static UnaryOperator<ObjectNode> added(String list, String json) {
        return pod -> {
            ((ArrayNode) pod.at(list)).add(parsed(json));
            return pod;
        };
    }

    private static UnaryOperator<ObjectNode> removed(String list, int index) {
        return pod -> {
            ((ArrayNode) pod.at(list)).remove(index);
            return pod;
        };
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (java.io.IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
