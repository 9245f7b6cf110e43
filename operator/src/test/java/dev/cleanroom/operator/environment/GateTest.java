package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** No enforcement, no build: the gate's message is played by the lab's simulated nodes. */
@LabTest
class GateTest {
    private static final String PREPARED = """
            apiVersion: cleanroom.dev/v1alpha1
            kind: BuildEnvironment
            metadata: {name: payments}
            spec:
              className: standard
              image: %1$s
              command: [mvn, verify]
              prepare: [{name: checkout, image: %1$s, command: [git, clone]}]
            """.formatted(Manifests.IMAGE);

    @Test
    void everyPodStartsWithTheGateAndSaysWhatItSaw(Lab lab) {
        String namespace = lab.namespace();
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);

        environments.create(Manifests.environment(PREPARED));
        environments.awaitCondition("payments", "Ready", "True", "Running");

        List<Container> steps = environments.pod("payments-0-1").getSpec().getInitContainers();
        assertThat(steps).extracting(Container::getName).containsExactly("gate", "observer", "checkout");
        assertThat(steps.getFirst().getImage()).startsWith("registry.example.com/cleanroom/tools@sha256:");
        assertThat(steps.getFirst().getArgs()).endsWith(canaryAddresses(lab)).hasSize(11 + 2);
        environments.awaitCondition("payments", "NetworkEnforced", "True", "Enforced");
        assertThat(message(environments.get("payments"), "NetworkEnforced")).contains("(IPv4; after 73 ms)");
        assertThat(lab.admin()
                        .network()
                        .v1()
                        .networkPolicies()
                        .inNamespace(namespace)
                        .withName("cleanroom.beacon")
                        .get()
                        .getSpec()
                        .getPodSelector()
                        .getMatchLabels())
                .containsEntry("cleanroom.dev/state", "active");
    }

    @Test
    void withoutACanaryNoPodIsMadeAndThenOne(Lab lab) {
        String namespace = lab.namespace();
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);
        lab.onClose(() -> canaries(lab, 2));
        canaries(lab, 0);

        environments.create(Manifests.environment(PREPARED));
        environments.awaitCondition("payments", "Ready", "False", "CanaryUnavailable");
        assertThat(environments.podNames("payments")).isEmpty();
        assertThat(message(environments.get("payments"), "Ready"))
                .contains("kubectl get pods -o wide -n cleanroom-system -l app.kubernetes.io/component=canary");

        canaries(lab, 2);
        environments.awaitCondition("payments", "Ready", "True", "Running");
    }

    /** Let in by nobody: it was there before the guard rail looked at the namespace. */
    @Test
    void besideAPolicyThatOpensBuildPodsNoPodIsMade(Lab lab) {
        String namespace = lab.namespace(Map.of());
        NetworkPolicy open = Serialization.unmarshal("""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: web, namespace: %s}
                spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 443}]}]}
                """.formatted(namespace), NetworkPolicy.class);
        lab.admin().resource(open).create();
        lab.admin()
                .namespaces()
                .withName(namespace)
                .patch("{\"metadata\":{\"labels\":{\"cleanroom.dev/builds\":\"enabled\"}}}");
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);

        environments.create(Manifests.environment(PREPARED));
        environments.awaitCondition("payments", "NetworkEnforced", "False", "ForeignPolicy");
        environments.awaitCondition("payments", "Stalled", "True", "ForeignPolicy");
        assertThat(message(environments.get("payments"), "Ready")).contains(": web. Delete the policy");
        assertThat(environments.podNames("payments")).isEmpty();

        lab.admin().resource(open).delete();
        environments.awaitCondition("payments", "Ready", "True", "Running");
    }

    @Test
    void whereNothingIsEnforcedNothingRunsAndColumnsSaySo(Lab lab) {
        String namespace = lab.namespace();
        String open = lab.buildClass(
                Map.of(
                        "lab.cleanroom.dev/fail-step",
                        "gate",
                        "lab.cleanroom.dev/message.gate",
                        "{\"outcome\":\"PolicyNotEnforced\",\"families\":[\"IPv4\"],\"detail\":\"10.128.0.9 answered\\u0007\"}"));
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);

        environments.create(Manifests.task("payments", open));
        environments.awaitCondition("payments", "Stalled", "True", "PolicyNotEnforced");
        environments.awaitCondition("payments", "NetworkEnforced", "False", "PolicyNotEnforced");

        BuildEnvironment refused = environments.get("payments");
        assertThat(message(refused, "Ready")).contains("over IPv4").contains("\"10.128.0.9 answered \"");
        assertThat(refused.getStatus().lastRun()).as("no build has run").isNull();
        assertThat(refused.getStatus().slots().getFirst().failures()).isZero();
        assertThat(columns(lab, namespace))
                .startsWith("payments", "False", "PolicyNotEnforced")
                .endsWith("PolicyNotEnforced", open);
    }

    private static String[] canaryAddresses(Lab lab) {
        return canaryPods(lab).stream()
                .flatMap(pod -> pod.getStatus().getPodIPs().stream())
                .map(PodIP::getIp)
                .sorted()
                .toArray(String[]::new);
    }

    private static List<Pod> canaryPods(Lab lab) {
        return lab.admin()
                .pods()
                .inNamespace(LabCluster.OPERATOR_NAMESPACE)
                .withLabel("app.kubernetes.io/component", "canary")
                .list()
                .getItems();
    }

    private static void canaries(Lab lab, int replicas) {
        RollableScalableResource<Deployment> canaries = lab.admin()
                .apps()
                .deployments()
                .inNamespace(LabCluster.OPERATOR_NAMESPACE)
                .withName("cleanroom-canary");
        canaries.scale(replicas);
        Environments.until(
                replicas + " canaries",
                () -> assertThat(canaryPods(lab))
                        .hasSize(replicas)
                        .allSatisfy(
                                pod -> assertThat(pod.getStatus().getPodIPs()).isNotEmpty()));
    }

    /** As {@code kubectl get -o wide} prints them. */
    private static List<String> columns(Lab lab, String namespace) {
        var client = lab.admin();
        var request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(client.getMasterUrl() + "apis/cleanroom.dev/v1alpha1/namespaces/" + namespace
                        + "/buildenvironments")
                .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
                .build();
        String answer =
                client.getHttpClient().sendAsync(request, String.class).join().body();
        List<String> cells = new ArrayList<>();
        Serialization.unmarshal(answer, JsonNode.class).at("/rows/0/cells").forEach(cell -> cells.add(cell.asText()));
        return cells;
    }

    private static String message(BuildEnvironment environment, String condition) {
        return environment.getStatus().conditions().stream()
                .filter(it -> it.getType().equals(condition))
                .findFirst()
                .orElseThrow()
                .getMessage();
    }
}
