package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.LastRun;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.History.Failure;
import dev.cleanroom.operator.environment.model.History.Slot;
import dev.cleanroom.operator.environment.model.Lifetime;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.RunCause;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.Progress;
import dev.cleanroom.operator.pod.Progress.End;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts each ended attempt exactly once: counting attempt n and allocating n+1 is one change of the history,
 * stored by one status write that carries the resourceVersion. A pod with a lower attempt than its slot has been
 * counted already.
 */
final class Counting {
    /** An agent that ends sooner did no work, so it counts as a failure for the back-off. */
    private static final Duration SHORTEST_AGENT_RUN = Duration.ofSeconds(10);

    private Counting() {}

    static History count(Observed observed, Instant now) {
        History history = observed.history();
        List<BuildPod> inOrder = observed.owned().pods().stream()
                .sorted(Comparator.comparingInt((BuildPod pod) -> pod.id().slot())
                        .thenComparingInt(pod -> pod.id().attempt()))
                .toList();
        for (BuildPod pod : inOrder) {
            history = count(observed, history, pod, now);
        }
        return history;
    }

    private static History count(Observed observed, History history, BuildPod pod, Instant now) {
        int slot = pod.id().slot();
        Slot counted = history.slot(slot);
        if (pod.id().attempt() < counted.attempt()) {
            return history;
        }
        if (observed.owned().exposing().contains(pod)) {
            // Its account is not revoked yet, and the next attempt must not get that account (I5).
            return history;
        }
        boolean own = observed.uid().equals(pod.ownerUid());
        if (pod.held() || (!own && isNameTaken(observed, pod))) {
            // A held pod, or a former environment's pod, has the name, so the next name is tried.
            return history.with(slot, next(pod, counted.failures(), counted.lastFailure()));
        }
        if (!own) {
            // The cache may still show a pod that is long deleted, while the name belongs to a pod of this environment:
            // creating the pod asks the API server.
            return history;
        }
        if (pod.id().attempt() > counted.attempt()) {
            // The status was lost and the pod was not. An attempt never decreases.
            history = history.with(slot, new Slot(pod.id().attempt(), counted.failures(), counted.lastFailure()));
        }
        if (pod.progress() instanceof Progress.Finished finished) {
            return finished(observed, history, pod, finished);
        }
        return Lifetime.exceeded(observed.environment().getSpec(), pod, now)
                ? history.with(slot, next(pod, 0, Optional.empty())).withLastRun(run(pod, now, null))
                : history;
    }

    private static boolean isNameTaken(Observed observed, BuildPod pod) {
        return observed.failures().stream()
                .anyMatch(failure -> failure instanceof Result.NameTaken taken
                        && taken.write().target().resource() == Resource.POD
                        && taken.occupant()
                                .getMetadata()
                                .getUid()
                                .equals(pod.id().precondition().uid()));
    }

    private static History finished(Observed observed, History history, BuildPod pod, Progress.Finished finished) {
        int slot = pod.id().slot();
        return switch (finished.end()) {
            case End.Infrastructure infrastructure ->
                history.with(slot, next(pod, failures(history, pod), failure(pod, finished)));
            case End.Succeeded succeeded
            when isAgent(observed) && isShort(pod, finished) -> failed(history, pod, finished, 0);
            case End.Succeeded succeeded ->
                history.with(slot, next(pod, 0, Optional.empty())).withLastRun(run(pod, finished.at(), 0));
            case End.BuildFailed failed -> failed(history, pod, finished, failed.exitCode());
        };
    }

    private static History failed(History history, BuildPod pod, Progress.Finished finished, int exitCode) {
        return history.with(pod.id().slot(), next(pod, failures(history, pod) + 1, failure(pod, finished)))
                .withLastRun(run(pod, finished.at(), exitCode));
    }

    /** Failures of another cause do not count: an edit, or a request for a rerun, restarts the count. */
    private static int failures(History history, BuildPod pod) {
        int slot = pod.id().slot();
        return history.lastFailure(slot, RunCause.of(pod)).isPresent()
                ? history.slot(slot).failures()
                : 0;
    }

    private static Optional<Failure> failure(BuildPod pod, Progress.Finished finished) {
        return Optional.of(new Failure(finished.at(), Optional.of(RunCause.of(pod))));
    }

    private static Slot next(BuildPod pod, int failures, Optional<Failure> lastFailure) {
        return new Slot(pod.id().attempt() + 1, failures, lastFailure);
    }

    private static LastRun run(BuildPod pod, Instant finished, @Nullable Integer exitCode) {
        return new LastRun(
                pod.id().name(),
                pod.id().precondition().uid(),
                start(pod).toString(),
                finished.toString(),
                exitCode,
                pod.specHash(),
                RunCause.of(pod).rerun().orElse(null));
    }

    private static Instant start(BuildPod pod) {
        return pod.times().started().orElse(pod.times().created());
    }

    private static boolean isAgent(Observed observed) {
        return observed.environment().getSpec() != null
                && observed.environment().getSpec().onExit() == OnExit.Replace;
    }

    private static boolean isShort(BuildPod pod, Progress.Finished finished) {
        return Duration.between(pod.times().buildStarted().orElse(start(pod)), finished.at())
                        .compareTo(SHORTEST_AGENT_RUN)
                < 0;
    }
}
