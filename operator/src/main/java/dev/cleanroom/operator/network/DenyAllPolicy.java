package dev.cleanroom.operator.network;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpecBuilder;

/**
 * The namespace's deny-all policy. It selects only build pods. It has no owner, so that no garbage collection deletes
 * it, and a finalizer, so that not even the namespace's deletion opens the network of a pod that still runs (I1).
 */
public final class DenyAllPolicy {
    public static final String FINALIZER = "cleanroom.dev/deny-all";

    private DenyAllPolicy() {}

    public static NetworkPolicy build(String namespace) {
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(Names.DENY_ALL)
                .addToLabels(CleanroomApi.COMPONENT_LABEL, Names.COMPONENT_DENY_ALL)
                .withFinalizers(FINALIZER)
                .endMetadata()
                .withSpec(spec())
                .build();
    }

    public static NetworkPolicySpec spec() {
        return new NetworkPolicySpecBuilder()
                .withNewPodSelector()
                .addNewMatchExpression()
                .withKey(CleanroomApi.ENVIRONMENT_LABEL)
                .withOperator("Exists")
                .endMatchExpression()
                .endPodSelector()
                .withPolicyTypes("Ingress", "Egress")
                .build();
    }
}
