package dev.cleanroom.operator.classes;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec.DetectionPolicy;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.Detection;
import dev.cleanroom.api.v1alpha1.DetectionMode;
import dev.cleanroom.api.v1alpha1.WorkspacePattern;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How runs are observed: the environment's setting, otherwise the class's, otherwise the default.
 *
 * @param artifacts the files that are read when the build has ended
 * @param reports the reports of scanners that are read then
 */
public record EffectiveDetection(DetectionMode mode, List<WorkspacePattern> artifacts, List<WorkspacePattern> reports) {
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
        Detection asked = spec.detection();
        return new EffectiveDetection(
                EffectiveResponse.first(
                        asked == null ? null : asked.mode(),
                        policy == null ? null : policy.mode(),
                        DetectionMode.Report),
                EffectiveResponse.first(
                        asked == null ? null : asked.artifacts(),
                        policy == null ? null : policy.artifacts(),
                        List.of()),
                EffectiveResponse.first(
                        asked == null ? null : asked.reports(), policy == null ? null : policy.reports(), List.of()));
    }

    /** Refuses an environment with another mode than its class, if the class locks it; and other lists, if the class has them. */
    static Stream<Refusal> crossed(BuildEnvironmentSpec spec, String className, BuildEnvironmentClassSpec buildClass) {
        DetectionPolicy policy = buildClass.detection();
        if (policy == null || !Boolean.TRUE.equals(policy.locked()) || spec.detection() == null) {
            return Stream.empty();
        }
        DetectionMode mode = EffectiveResponse.first(null, policy.mode(), DetectionMode.Report);
        return Stream.of(
                        EffectiveResponse.crossed(
                                "spec.detection.mode",
                                className,
                                spec.detection().mode(),
                                mode),
                        crossed("artifacts", className, spec.detection().artifacts(), policy.artifacts()),
                        crossed("reports", className, spec.detection().reports(), policy.reports()))
                .flatMap(Optional::stream);
    }

    /** What a build makes differs by project, so a class that names nothing locks nothing. */
    private static Optional<Refusal> crossed(
            String field,
            String className,
            @Nullable List<WorkspacePattern> asked,
            @Nullable List<WorkspacePattern> locked) {
        return asked == null || locked == null || locked.isEmpty()
                ? Optional.empty()
                : EffectiveResponse.crossed("spec.detection." + field, className, paths(asked), paths(locked));
    }

    private static List<String> paths(List<WorkspacePattern> patterns) {
        return patterns.stream().map(WorkspacePattern::path).toList();
    }
}
