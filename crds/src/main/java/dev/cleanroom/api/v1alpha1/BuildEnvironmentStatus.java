package dev.cleanroom.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

public record BuildEnvironmentStatus(
        Long observedGeneration,
        List<Condition> conditions,
        String className,
        ImageStatus image,
        Integer replicas,
        Integer readyReplicas,
        List<SlotStatus> slots,
        LastRun lastRun,
        String selector) {
    public record ImageStatus(String reference, String digest, String shortDigest) {}

    /** lastFailure is an RFC 3339 time. */
    public record SlotStatus(Integer slot, Integer attempt, Integer failures, String lastFailure) {}

    /** startTime and finishTime are RFC 3339 times. */
    public record LastRun(
            String pod, String uid, String startTime, String finishTime, Integer exitCode, String specHash) {}
}
