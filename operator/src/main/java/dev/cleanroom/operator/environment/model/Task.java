package dev.cleanroom.operator.environment.model;

import dev.cleanroom.api.schema.Durations;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.LastRun;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.api.v1alpha1.Reasons;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A task ({@code onExit: Complete}) runs once for each spec and request for a rerun: whether it has finished, and
 * how.
 */
public final class Task {
    private static final int SLOT = 0;

    private Task() {}

    /** The reason of {@code Finished=True}; empty while the task has not finished, and always for an agent. */
    public static Optional<String> over(BuildEnvironment environment, History history) {
        BuildEnvironmentSpec spec = environment.getSpec();
        if (spec.onExit() == OnExit.Replace) {
            return Optional.empty();
        }
        return history.lastRun()
                .filter(run -> RunCause.wanted(environment, history).equals(RunCause.of(run)))
                .flatMap(run -> reportedReason(environment, run).or(() -> reason(spec, history, run)));
    }

    /** How many pods an environment with a readable spec should have now. */
    public static int wanted(BuildEnvironment environment, History history) {
        BuildEnvironmentSpec spec = environment.getSpec();
        if (spec.onExit() == OnExit.Replace) {
            return spec.replicas() == null ? 1 : spec.replicas();
        }
        return over(environment, history).isPresent() ? 0 : 1;
    }

    private static Optional<String> reason(BuildEnvironmentSpec spec, History history, LastRun run) {
        if (run.exitCode() == null) {
            return Optional.of(Reasons.LIFETIME_EXCEEDED);
        }
        if (run.exitCode() == 0) {
            return Optional.of(Reasons.SUCCEEDED);
        }
        int retries = spec.retries() == null ? 0 : spec.retries();
        return history.slot(SLOT).failures() > retries ? Optional.of(Reasons.BUILD_FAILED) : Optional.empty();
    }

    /**
     * Raising retries later does not restart it; only another cause does. The reason of another run does not apply
     * to this one, and a quarantine belongs to the next pod, not to this run.
     */
    private static Optional<String> reportedReason(BuildEnvironment environment, LastRun run) {
        if (environment.getStatus() == null
                || !run.equals(environment.getStatus().lastRun())) {
            return Optional.empty();
        }
        List<Condition> conditions = environment.getStatus().conditions() == null
                ? List.of()
                : environment.getStatus().conditions();
        return conditions.stream()
                .filter(c -> Reasons.FINISHED.equals(c.getType()) && "True".equals(c.getStatus()))
                .map(Condition::getReason)
                .filter(reason -> !Reasons.QUARANTINED.equals(reason))
                .findFirst();
    }

    /** When the pod of a finished task is deleted, with its claim. */
    public static Instant deletion(BuildEnvironmentSpec spec, LastRun run) {
        return deletion(spec, Instant.parse(run.finishTime()));
    }

    /** When the remaining objects of a task that finished at this moment are deleted. */
    public static Instant deletion(BuildEnvironmentSpec spec, Instant finished) {
        return finished.plus(
                Durations.parse(Durations.or(spec.ttlAfterFinished(), Durations.DEFAULT_TTL_AFTER_FINISHED)));
    }
}
