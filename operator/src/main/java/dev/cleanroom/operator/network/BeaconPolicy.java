package dev.cleanroom.operator.network;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpecBuilder;
import java.util.Map;

/**
 * What lets the gate tell a closed network from a broken one: active build pods reach the beacon port of the canaries, and
 * by this policy nothing else. It has no owner, so that none takes it away under a gate that runs; a pod past active has
 * no beacon (I2). Every server-side default is written out: what is stored must hash like what is wanted.
 */
public final class BeaconPolicy {
    /** What the chart labels the canaries with. */
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
                .addNewEgress()
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
                .withNewPort(CleanroomApi.BEACON_PORT)
                .endPort()
                .endEgress()
                .build();
    }
}
