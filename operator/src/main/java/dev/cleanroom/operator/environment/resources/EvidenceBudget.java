package dev.cleanroom.operator.environment.resources;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;

/**
 * The namespace's disruption budget for pods under suspicion. From the write that moves a pod's state, the API
 * server answers its eviction, for example by a drain, with 429 (I3). Active pods can be evicted as usual.
 */
public final class EvidenceBudget {
    private EvidenceBudget() {}

    public static PodDisruptionBudget build(String namespace) {
        return new PodDisruptionBudgetBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(Names.EVIDENCE_BUDGET)
                .addToLabels(CleanroomApi.COMPONENT_LABEL, Names.COMPONENT_EVIDENCE)
                .endMetadata()
                .withNewSpec()
                .withMaxUnavailable(new IntOrString(0))
                .withNewSelector()
                .addNewMatchExpression()
                .withKey(CleanroomApi.STATE_LABEL)
                .withOperator("In")
                .withValues(CleanroomApi.STATE_SUSPECT, CleanroomApi.STATE_QUARANTINED)
                .endMatchExpression()
                .endSelector()
                .endSpec()
                .build();
    }
}
