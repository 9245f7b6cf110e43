package dev.cleanroom.operator.classes;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec.DetectionPolicy;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.DetectionMode;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How runs are observed: the environment's setting, otherwise the class's, otherwise the default. */
public record EffectiveDetection(DetectionMode mode) {
    /** The observer's user and the pod's follow the build's, and Kubernetes accepts uids up to 65534 everywhere. */
    private static final long HIGHEST_UID = 65_532;

    public static EffectiveDetection of(BuildEnvironmentSpec spec, BuildEnvironmentClassSpec buildClass) {
        return of(spec, buildClass.detection());
    }

    /** Whether a pod that is created now gets an observer. */
    public static boolean hasObserver(BuildEnvironmentSpec spec, BuildEnvironmentClassSpec buildClass) {
        return of(spec, buildClass).mode() != DetectionMode.Off
                && (buildClass.pod() == null
                        || buildClass.pod().uid() == null
                        || buildClass.pod().uid() <= HIGHEST_UID);
    }

    /** With the class that the environment uses now, if it uses one. */
    public static EffectiveDetection of(BuildEnvironmentSpec spec, List<BuildEnvironmentClass> classes) {
        return ClassChoice.of(spec.className(), classes) instanceof ClassChoice.Chosen(BuildEnvironmentClass chosen)
                ? of(spec, chosen.getSpec())
                : of(spec, (DetectionPolicy) null);
    }

    private static EffectiveDetection of(BuildEnvironmentSpec spec, @Nullable DetectionPolicy policy) {
        return new EffectiveDetection(EffectiveResponse.first(
                spec.detection() == null ? null : spec.detection().mode(),
                policy == null ? null : policy.mode(),
                DetectionMode.Report));
    }

    /** Refuses an environment with another mode than its class, if the class locks it. */
    static Stream<Refusal> crossed(BuildEnvironmentSpec spec, String className, BuildEnvironmentClassSpec buildClass) {
        DetectionPolicy policy = buildClass.detection();
        if (policy == null || !Boolean.TRUE.equals(policy.locked()) || spec.detection() == null) {
            return Stream.empty();
        }
        DetectionMode mode = EffectiveResponse.first(null, policy.mode(), DetectionMode.Report);
        return EffectiveResponse.crossed(
                "spec.detection.mode", className, spec.detection().mode(), mode)
                .stream();
    }
}
