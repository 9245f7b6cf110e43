package dev.cleanroom.operator.incident;

import dev.cleanroom.api.v1alpha1.CleanroomApi;

/** Which pods are evidence. */
final class HeldPods {
    static final String SELECTOR = CleanroomApi.STATE_LABEL + " in (" + CleanroomApi.STATE_SUSPECT + ","
            + CleanroomApi.STATE_QUARANTINED + ")";

    private HeldPods() {}
}
