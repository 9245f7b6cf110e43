package dev.cleanroom.operator.environment.model;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.LastRun;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.kube.ContentHash;
import dev.cleanroom.operator.pod.BuildPod;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The cause of a run: a spec, and a request for a rerun. A task runs once for each cause.
 *
 * <ol>
 *   <li>The request is the changed value of an annotation. A pod carries the value that it answers, and when its
 *       run is counted, status keeps that value.
 *   <li>If the annotation is absent or empty, or the pods are agents, there is no request, so the last answer
 *       stays.
 *   <li>A value that is changed after a pod was created is for the run after it.
 * </ol>
 *
 * @param rerun the value that the run answers; empty if there never was one
 */
public record RunCause(String specHash, Optional<String> rerun) {
    /**
     * A value that is kept as it is, so that its owner can wait for it. Any other value may be long and contain
     * anything.
     */
    private static final Pattern READABLE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:+-]{0,62}");

    private static final int HASH_LENGTH = 16;

    /** The cause of a pod that is created now. */
    public static RunCause wanted(BuildEnvironment environment, History history) {
        return new RunCause(SpecHash.of(environment.getSpec()), rerun(environment, history));
    }

    static RunCause of(LastRun run) {
        return new RunCause(run.specHash() == null ? "" : run.specHash(), Optional.ofNullable(run.rerun()));
    }

    public static RunCause of(BuildPod pod) {
        // Shortened again: without the guard rails, anyone may have written it.
        return new RunCause(pod.specHash(), pod.origin().rerun().map(RunCause::bounded));
    }

    /** Whether two versions of an environment ask for different reruns. */
    public static boolean differ(HasMetadata before, HasMetadata after) {
        return !asked(before).equals(asked(after));
    }

    private static Optional<String> rerun(BuildEnvironment environment, History history) {
        Optional<String> asked =
                environment.getSpec().onExit() == OnExit.Replace ? Optional.empty() : asked(environment);
        return asked.or(() -> history.lastRun().map(LastRun::rerun));
    }

    private static Optional<String> asked(HasMetadata environment) {
        Map<String, String> annotations = environment.getMetadata().getAnnotations();
        return Optional.ofNullable(annotations == null ? null : annotations.get(CleanroomApi.RERUN_ANNOTATION))
                .filter(value -> !value.isEmpty())
                .map(RunCause::bounded);
    }

    private static String bounded(String value) {
        return READABLE.matcher(value).matches()
                ? value
                : "sha256:" + ContentHash.ofText(value).substring(0, HASH_LENGTH);
    }
}
