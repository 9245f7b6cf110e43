package dev.cleanroom.operator.network;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpecBuilder;
import java.util.Map;

/**
 * Allows active build pods to reach the beacon port of the canaries, and nothing else. By that, the gate can
 * distinguish a closed network from a broken one. It has no owner, so that no garbage collection deletes it while a
 * gate runs. A pod past active does not reach the beacon (I2). The spec contains every server-side default, so that the
 * stored spec has the same hash.
 */
public final class BeaconPolicy {
    /** The labels that the chart gives to the canaries. */
    public static final Map<String, String> CANARY_LABELS =
            Map.of("app.kubernetes.io/name", "cleanroom", "app.kubernetes.io/component", "canary");

    private BeaconPolicy() {}

    public static NetworkPolicy build(String namespace, String operatorNamespace) {
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(Names.BEACON)
                .addToLabels(CleanroomApi.COMPONENT_LABEL, Names.COMPONENT_BEACON)
                .endMetadata()
                .withSpec(spec(operatorNamespace))
                .build();
    }

    public static NetworkPolicySpec spec(String operatorNamespace) {
        return new NetworkPolicySpecBuilder()
                .withNewPodSelector()
                .addToMatchLabels(CleanroomApi.STATE_LABEL, CleanroomApi.STATE_ACTIVE)
                .addNewMatchExpression()
                .withKey(CleanroomApi.ENVIRONMENT_LABEL)
                .withOperator("Exists")
                .endMatchExpression()
                .endPodSelector()
                .withPolicyTypes("Egress")
                .withEgress(toCanaries(operatorNamespace, CleanroomApi.BEACON_PORT))
                .build();
    }

    /** The rule that allows one port of the canaries. */
    static NetworkPolicyEgressRule toCanaries(String operatorNamespace, int port) {
        return new NetworkPolicyEgressRuleBuilder()
                .addNewTo()
                .withNewNamespaceSelector()
                .addToMatchLabels("kubernetes.io/metadata.name", operatorNamespace)
                .endNamespaceSelector()
                .withNewPodSelector()
                .withMatchLabels(CANARY_LABELS)
                .endPodSelector()
                .endTo()
                .addNewPort()
                .withProtocol("TCP")
                .withNewPort(port)
                .endPort()
                .build();
    }
}
