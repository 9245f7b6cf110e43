package dev.cleanroom.operator.pod;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;

/** The state of a build pod. It moves forward only, and once past ACTIVE the pod is evidence (I2, I3). Only a pod
 * with phases is ever PREPARING. */
public enum PodState {
    PREPARING(CleanroomApi.STATE_PREPARING),
    ACTIVE(CleanroomApi.STATE_ACTIVE),
    SUSPECT(CleanroomApi.STATE_SUSPECT),
    QUARANTINED(CleanroomApi.STATE_QUARANTINED);

    private final String label;

    PodState(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    /** Whether the pod is held as evidence, so that nobody deletes it before its incident is closed. */
    public boolean isHeld() {
        return this == SUSPECT || this == QUARANTINED;
    }

    /** A missing or unknown label counts as quarantined, so that the pod is not deleted by mistake. */
    public static PodState of(HasMetadata pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        String label = labels == null ? null : labels.get(CleanroomApi.STATE_LABEL);
        for (PodState state : values()) {
            if (state.label.equals(label)) {
                return state;
            }
        }
        return QUARANTINED;
    }
}
