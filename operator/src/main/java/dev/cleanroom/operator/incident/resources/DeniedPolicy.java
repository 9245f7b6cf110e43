package dev.cleanroom.operator.incident.resources;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;

/** The operator's own policy, which only denies. It must not come from Git, because Git would remove what was added. */
public final class DeniedPolicy {
    private DeniedPolicy() {}

    public static TrustPolicy build() {
        var policy = new TrustPolicy();
        policy.setMetadata(
                new ObjectMetaBuilder().withName(CleanroomApi.DENIED_POLICY).build());
        policy.setSpec(new TrustPolicySpec(null, null, null, null, null, new TrustPolicySpec.Deny(null, null)));
        return policy;
    }
}
