package dev.cleanroom.operator.incident.model;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.FieldTimes;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The times of the writes that an incident records, as far as the API server keeps them.
 *
 * @param isolated when the pod's state became quarantined
 * @param resolved when the resolution was written
 */
public record KnownTimes(Optional<Instant> isolated, Optional<Instant> resolved) {
    public static final KnownTimes NONE = new KnownTimes(Optional.empty(), Optional.empty());

    /**
     * The state is changed either by the operator, under its own field manager, or by admission within the write of
     * the annotation, which then records who wrote it. A field that admission adds has no field manager, so the
     * time of the annotation's write is used. An earlier write under the operator's manager was the step from preparing
     * to active.
     */
    public static Optional<Instant> isolated(Pod pod, FieldTimes times) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        boolean byAdmission = annotations != null && annotations.containsKey(CleanroomApi.QUARANTINED_BY_ANNOTATION);
        Optional<Instant> asked = byAdmission
                ? times.of("metadata", "annotations", CleanroomApi.QUARANTINE_ANNOTATION)
                : Optional.empty();
        return times.by(Api.FLIP_MANAGER)
                .of("metadata", "labels", CleanroomApi.STATE_LABEL)
                .filter(moved -> asked.isEmpty() || !moved.isBefore(asked.get()))
                .or(() -> asked);
    }

    public static Optional<Instant> resolved(FieldTimes times) {
        return times.of("spec", "resolution");
    }
}
