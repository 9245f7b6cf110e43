package dev.cleanroom.operator.environment;

import static dev.cleanroom.operator.lab.BuildPodAssert.assertThatPod;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.lab.RecordingProxy;
import dev.cleanroom.operator.lab.Requests;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The operator's own process, with its own account and roles, on a real API server. */
@LabTest
class EnvironmentLifeTest {
    private static final String TASK = """
            apiVersion: cleanroom.dev/v1alpha1
            kind: BuildEnvironment
            metadata: {name: payments}
            spec:
              image: %s
              command: ["/bin/sh", "-c", "mvn -B verify"]
              workspace: {size: 1Gi}
              egress:
                - {name: store, cidr: 192.0.2.0/24, ports: [443], hostnames: [{name: repo.example.com, address: 192.0.2.7}]}
              prepare:
                - name: checkout
                  image: %s
                  command: [git, clone]
                  secrets: [{name: git-token, mountPath: /run/secrets/git}]
            """.formatted(Manifests.IMAGE, Manifests.IMAGE);

    @Test
    void aTaskCostsOneWriteAnObjectAndIsHardened(Lab lab) {
        String namespace = lab.namespace();
        RecordingProxy proxy = lab.proxy();
        lab.operator(lab.kubeconfig(proxy), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);

        environments.create(Manifests.environment(TASK));
        environments.awaitCondition("payments", "Ready", "True", "Running");

        assertThatPod(environments.pod("payments-0-1")).isHardened();
        assertThat(environments
                        .pod("payments-0-1")
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getVolumeMounts())
                .as("the prepare step's secret is not mounted into the build")
                .noneMatch(mount -> mount.getMountPath().equals("/run/secrets/git"));
        assertThat(proxy.requests(Requests.writes()).stream()
                        .filter(write -> write.path().contains("/namespaces/" + namespace + "/"))
                        .map(write -> write.method() + " " + write.path().replaceAll(".*/namespaces/[^/]+/", "")))
                .as("the namespace's budget, deny-all and beacon, then policy, pod and status")
                .containsExactly(
                        "POST poddisruptionbudgets",
                        "POST networkpolicies",
                        "POST networkpolicies",
                        "POST networkpolicies",
                        "POST pods",
                        "PATCH buildenvironments/payments/status");
    }

    @Test
    void anAgentIsReplacedScaledAndLeavesNothingBehind(Lab lab) {
        String namespace = lab.namespace();
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);
        environments.create(Manifests.agent("agents", "standard", 2));
        environments.awaitCondition("agents", "Ready", "True", "Running");
        environments.awaitPods("agents", "agents-0-1", "agents-1-1");

        environments.annotatePod("agents-0-1", Map.of("lab.cleanroom.dev/exit-after", "0s"));
        environments.awaitPods("agents", "agents-0-2", "agents-1-1");
        assertThat(environments.get("agents").getStatus().slots().getFirst().attempt())
                .isEqualTo(2);

        environments.scale("agents", 3);
        environments.awaitPods("agents", "agents-0-2", "agents-1-1", "agents-2-1");
        environments.delete("agents");
        environments.awaitPods("agents");

        lab.admin().namespaces().withName(namespace).delete();
        Environments.until(
                "the namespace to go, deny-all's finalizer with it",
                () -> assertThat(lab.admin().namespaces().withName(namespace).get())
                        .isNull());
    }

    @Test
    void whatAPersonMustChangeIsToldWithTheCommandAndTheRestGoesOn(Lab lab) {
        String closed = lab.namespace(Map.of());
        String open = lab.namespace();
        lab.operator(lab.operatorKubeconfig(), "--namespaces", closed + "," + open, "--leader-elect=false");
        lab.environments(closed).create(Manifests.task("payments", "standard"));
        BuildEnvironment tagged =
                Manifests.environment(TASK.replace(Manifests.IMAGE, "registry.example.com/builders/unsigned:1"));
        lab.environments(open).create(tagged);
        lab.environments(closed).awaitCondition("payments", "Ready", "False", "NamespaceNotEnabled");
        lab.environments(open).awaitCondition("payments", "Stalled", "True", "SignatureMissing");
        assertThat(lab.environments(open).podNames("payments")).isEmpty();

        lab.environments(open).merge("payments", "{\"spec\":{\"className\":\"absent\"}}");
        lab.environments(open).awaitCondition("payments", "Stalled", "True", "ClassNotFound");
    }

    /** The guard rails let a tenant create it, because it allows nothing. */
    @Test
    void aPolicyOfATenantWithTheNameOfDenyAllIsNotTakenForIt(Lab lab) {
        String namespace = lab.namespace();
        var theirs = lab.admin()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(namespace)
                .resource(new NetworkPolicyBuilder()
                        .withNewMetadata()
                        .withName("cleanroom.deny-all")
                        .endMetadata()
                        .withNewSpec()
                        .withNewPodSelector()
                        .addToMatchLabels("app", "nothing-has-this")
                        .endPodSelector()
                        .endSpec()
                        .build());
        theirs.create();
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);
        environments.create(Manifests.environment(TASK));
        environments.awaitCondition("payments", "Stalled", "True", "NameTaken");
        assertThat(environments.podNames("payments")).isEmpty();

        theirs.delete();
        environments.awaitCondition("payments", "Ready", "True", "Running");
    }

    @Test
    void whatSomebodyAddsToAPolicyOfOursIsTakenOutAndThenNothingIsWritten(Lab lab) {
        String namespace = lab.namespace();
        RecordingProxy proxy = lab.proxy();
        lab.operator(lab.kubeconfig(proxy), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);
        environments.create(Manifests.environment(TASK));
        environments.awaitCondition("payments", "Ready", "True", "Running");

        // Nobody else is let through by the guard rails; in a cluster that lost them, anybody is.
        var pastTheRails = lab.as(Actor.operatorUnbounded());
        for (String policy : List.of("cleanroom.deny-all", "cleanroom.beacon", "cleanroom-payments")) {
            NetworkPolicySpec before = policy(lab, namespace, policy).getSpec();
            pastTheRails
                    .network()
                    .v1()
                    .networkPolicies()
                    .inNamespace(namespace)
                    .withName(policy)
                    .edit(p -> new NetworkPolicyBuilder(p)
                            .editSpec()
                            .editPodSelector()
                            .addToMatchLabels("app", "nothing-has-this")
                            .endPodSelector()
                            .endSpec()
                            .build());
            Environments.until(
                    policy + " as it was",
                    () -> assertThat(policy(lab, namespace, policy).getSpec()).isEqualTo(before));
        }
        // A change that costs a run and no policy write: had the repair not held, it would be written again here.
        environments.merge("payments", "{\"spec\":{\"retries\":1}}");
        environments.await(
                "payments", e -> assertThat(e.getStatus().observedGeneration()).isEqualTo(2));
        assertThat(proxy.requests(
                        Requests.writes().and(Requests.on("networkpolicies").and(Requests.method("PATCH")))))
                .hasSize(3);
    }

    private static NetworkPolicy policy(Lab lab, String namespace, String name) {
        return lab.admin()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    @Test
    void probesAnswerAndTheProcessStopsInPeace(Lab lab) {
        OperatorProcess operator = lab.operator(lab.operatorKubeconfig(), "--leader-elect=false");
        assertThat(operator.get("/livez").orElseThrow().statusCode()).isEqualTo(200);
        Environments.until(
                "metrics without names in their labels",
                () -> assertThat(operator.get("/metrics").orElseThrow().body())
                        .contains("cleanroom_reconcile_seconds_count{controller=\"class\"")
                        .doesNotContain("namespace="));
        assertThat(operator.terminate()).isZero();
        assertThat(List.copyOf(operator.logLines())).anyMatch(line -> line.contains("Stopped"));
    }
}
