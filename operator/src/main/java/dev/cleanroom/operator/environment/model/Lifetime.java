package dev.cleanroom.operator.environment.model;

import dev.cleanroom.api.schema.Durations;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.operator.pod.BuildPod;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When a pod has run for longer than it may. */
public final class Lifetime {
    private Lifetime() {}

    public static boolean exceeded(@Nullable BuildEnvironmentSpec spec, BuildPod pod, Instant now) {
        return spec != null
                && !pod.terminating()
                && end(spec, pod).map(end -> !now.isBefore(end)).orElse(false);
    }

    /** Empty until a kubelet has accepted the pod: the time in which it waits for a node does not count. */
    public static Optional<Instant> end(BuildEnvironmentSpec spec, BuildPod pod) {
        return pod.times()
                .started()
                .map(start ->
                        start.plus(Durations.parse(Durations.or(spec.maxLifetime(), Durations.DEFAULT_MAX_LIFETIME))));
    }
}
