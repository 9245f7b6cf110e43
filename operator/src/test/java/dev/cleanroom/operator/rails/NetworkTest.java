package dev.cleanroom.operator.rails;

import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only the operator's policies allow a build pod to reach anything. */
@LabTest
class NetworkTest {
    private static final String RAIL = "network-stays-closed";

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{podSelector: {}, ingress: [{}]}",
                "{podSelector: {}, policyTypes: [Egress], egress: [{}]}",
                "{podSelector: {matchLabels: {app: web}}, ingress: [{}]}",
                "{podSelector: {matchLabels: {topology.kubernetes.io/zone: a}}, egress: [{to: [{podSelector: {}}]}]}",
                "{podSelector: {matchExpressions: [{key: cleanroom.dev/environment, operator: Exists}]}, ingress: [{}]}",
                "{podSelector: {matchExpressions: [{key: cleanroom.dev/state, operator: DoesNotExist}]}, ingress: [{}]}"
            })
    void whatAllowsAndMaySelectABuildPodIsRefused(String spec) {
        for (KubernetesClient other : new KubernetesClient[] {scene.tenant(), scene.administrator()}) {
            Refusal.of(() -> other.resource(policy(spec)).create())
                    .by(RAIL, "matchExpressions: [{key: cleanroom.dev/environment, operator: DoesNotExist}]");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{podSelector: {}, policyTypes: [Ingress, Egress]}",
                "{podSelector: {matchExpressions: [{key: cleanroom.dev/environment, operator: DoesNotExist}]}, ingress: [{}]}",
                "{podSelector: {matchLabels: {app: web}, matchExpressions: [{key: cleanroom.dev/environment, operator: DoesNotExist}]}, egress: [{}]}"
            })
    void whatAllowsNothingOrLeavesBuildPodsOutIsLetIn(String spec) {
        scene.tenant().resource(policy(spec)).create();
    }

    @Test
    void aPolicyIsNotWidenedLater() {
        scene.tenant()
                .resource(policy("{podSelector: {}, policyTypes: [Ingress]}"))
                .create();
        Refusal.of(() -> patch(scene.tenant(), "{\"spec\":{\"ingress\":[{}]}}")).by(RAIL);
        patch(scene.tenant(), "{\"metadata\":{\"labels\":{\"app\":\"web\"}}}");
    }

    @Test
    void oneThatWasThereBeforeKeepsWhatItSaysAndCanGo(Lab lab) {
        Scene before = Scene.notForBuilds(lab);
        NetworkPolicy open = policy("{podSelector: {}, ingress: [{}]}");
        open.getMetadata().setNamespace(before.namespace());
        open.getMetadata().getFinalizers().add("example.com/held");
        before.tenant().resource(open).create();
        before.administrator()
                .namespaces()
                .withName(before.namespace())
                .patch("{\"metadata\":{\"labels\":{\"cleanroom.dev/builds\":\"enabled\"}}}");
        NetworkPolicy second = policy("{podSelector: {}, ingress: [{}]}");
        second.getMetadata().setNamespace(before.namespace());
        second.getMetadata().setName("second");
        Environments.until(
                "the namespace to be open for builds",
                () -> Refusal.of(() -> before.tenant().resource(second).dryRun().create())
                        .by(RAIL));
        before.tenant().resource(open).delete();
        before.tenant()
                .resource(open)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
    }

    private void patch(KubernetesClient by, String json) {
        by.resource(policy("{podSelector: {}}")).patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    private NetworkPolicy policy(String spec) {
        return Serialization.unmarshal("""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: mine, namespace: %s}
                spec: %s
                """.formatted(scene.namespace(), spec), NetworkPolicy.class);
    }
}
