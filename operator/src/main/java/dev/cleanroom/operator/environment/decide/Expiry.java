package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.api.v1alpha1.AfterFinished;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.environment.model.Incident;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Task;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Write;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the BuildEnvironment itself, if {@code afterFinished} is Delete: {@code ttlAfterFinished} after it
 * finished, once none of its pods is left and no incident about one is open. Its pods are deleted one by one before
 * that, each only as it was observed, so the garbage collector never gets one that was quarantined meanwhile.
 */
final class Expiry {
    private Expiry() {}

    /** When the environment is due; empty while it has not finished, and if it is kept. */
    static Optional<Instant> due(@Nullable BuildEnvironmentSpec spec, BuildEnvironmentStatus status) {
        if (spec == null || spec.afterFinished() != AfterFinished.Delete || spec.onExit() == OnExit.Replace) {
            return Optional.empty();
        }
        return Conditions.find(status.conditions(), Reasons.FINISHED)
                .filter(finished -> finished.getStatus().equals("True"))
                .map(finished -> Task.deletion(spec, Instant.parse(finished.getLastTransitionTime())));
    }

    /** Empty while a pod is left or an incident open, and if the API server refused the deletion in this run. */
    static Optional<Write> deletion(Observed observed) {
        Write deletion = new Write.Delete(
                new ObjectKey(Resource.BUILD_ENVIRONMENT, observed.namespace(), observed.name()),
                Write.Precondition.of(observed.environment()),
                "TtlExpired");
        boolean free = observed.owned().pods().isEmpty()
                && observed.owned().incidents().stream().allMatch(Incident::closed);
        return Optional.of(deletion)
                .filter(it -> free
                        && observed.failures().stream()
                                .noneMatch(failure -> failure.write().equals(it)));
    }
}
