package dev.cleanroom.operator.incident;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.pod.BuildPod;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;

/** Which pods are evidence. */
final class HeldPods {
    static final String SELECTOR = CleanroomApi.STATE_LABEL + " in (" + CleanroomApi.STATE_SUSPECT + ","
            + CleanroomApi.STATE_QUARANTINED + ")";

    private HeldPods() {}

    /**
     * A pod that the operator did not create may not be isolated, taken over or deleted, whatever its labels or an
     * incident say.
     */
    static boolean isBuildPod(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        String environment = labels == null ? null : labels.get(CleanroomApi.ENVIRONMENT_LABEL);
        return environment != null
                && labels.containsKey(CleanroomApi.STATE_LABEL)
                && BuildPod.slotOf(environment, pod.getMetadata().getName()).isPresent();
    }
}
