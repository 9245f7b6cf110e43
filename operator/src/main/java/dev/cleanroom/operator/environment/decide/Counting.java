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
import dev.cleanroom.operator.pod.NodeClock;
import dev.cleanroom.operator.pod.Progress;
import dev.cleanroom.operator.pod.Progress.End;
import dev.cleanroom.operator.record.Denied;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts each ended attempt exactly once: counting attempt n and allocating n+1 is one change of the history,
 * stored by one status write that carries the resourceVersion. A pod with a lower attempt than its slot has been
 * counted already.
 *
 * <p>An attempt ended when it is counted. What a node says about the time is not used, because its clock may be wrong.
 */
final class Counting {
    /** An agent that ends sooner did no work, so it counts as a failure for the back-off. */
    private static final Duration SHORTEST_AGENT_RUN = Duration.ofSeconds(10);

    /** An agent runs until it is ended, so that the cluster ended it long ago does not delay it. */
    static final Duration AGENT_FORGETS = Backoff.LONGEST.multipliedBy(2);

    private static final String UNCOUNTED = "; this does not count against spec.retries";
    private static final String SHORT =
            "the agent exited with 0 after less than " + SHORTEST_AGENT_RUN.toSeconds() + " seconds";

    private final Observed observed;
    private final Instant now;

    private Counting(Observed observed, Instant now) {
        this.observed = observed;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
    }

    static History count(Observed observed, Instant now) {
        Counting counting = new Counting(observed, now);
        History history = observed.history();
        List<BuildPod> inOrder = observed.owned().pods().stream()
                .sorted(Comparator.comparingInt((BuildPod pod) -> pod.id().slot())
                        .thenComparingInt(pod -> pod.id().attempt()))
                .toList();
        for (BuildPod pod : inOrder) {
            history = counting.count(history, pod);
        }
        return history;
    }

    private History count(History history, BuildPod pod) {
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
        if (pod.held() || (!own && isNameTaken(pod))) {
            // A held pod, or a former environment's pod, has the name, so the next name is tried.
            return history.with(slot, next(pod, counted.failures(), counted.uncounted(), counted.lastFailure()));
        }
        if (!own) {
            // The cache may still show a pod that is long deleted, while the name belongs to a pod of this environment:
            // creating the pod asks the API server.
            return history;
        }
        if (pod.id().attempt() > counted.attempt()) {
            // The status was lost and the pod was not. An attempt never decreases.
            history = history.with(
                    slot, new Slot(pod.id().attempt(), counted.failures(), counted.uncounted(), counted.lastFailure()));
        }
        if (observed.owned().records().awaits(pod)) {
            // Its record is written before it is counted, and the log that the record needs is being read.
            return history;
        }
        if (pod.progress() instanceof Progress.Finished finished) {
            return finished(history, pod, finished);
        }
        return Lifetime.exceeded(observed.environment().getSpec(), pod, now)
                ? completed(history, pod, null, Optional.empty())
                : history;
    }

    private boolean isNameTaken(BuildPod pod) {
        return observed.failures().stream()
                .anyMatch(failure -> failure instanceof Result.NameTaken taken
                        && taken.write().target().resource() == Resource.POD
                        && taken.occupant()
                                .getMetadata()
                                .getUid()
                                .equals(pod.id().precondition().uid()));
    }

    private History finished(History history, BuildPod pod, Progress.Finished finished) {
        Optional<String> clock = finished.nodeTime()
                .flatMap(ended -> NodeClock.problem(pod.times().created(), ended, now));
        String note = denied(pod) + clock.map(problem -> "; " + problem).orElse("");
        int before = uncounted(history, pod);
        return switch (finished.end()) {
            case End.Infrastructure infrastructure ->
                again(history, pod, before, infrastructure.message() + (isAgent() ? "" : UNCOUNTED) + note);
            case End.Unclear unclear when isAgent() -> again(history, pod, before, unclear.message() + note);
            case End.Unclear unclear
            when before < unclear.most() -> again(history, pod, before, unclear.message() + believed(unclear) + note);
            case End.Unclear unclear ->
                failed(history, pod, before, unclear.exitCode(), unclear.message() + tooOften(unclear) + note);
            case End.BuildFailed failed -> failed(history, pod, 0, failed.exitCode(), failed.message() + note);
            case End.Succeeded succeeded
            when isAgent() && isShort(pod, finished) -> failed(history, pod, 0, 0, SHORT + note);
            case End.Succeeded succeeded -> completed(history, pod, 0, clock);
            case End.DeadlineExceeded deadline -> completed(history, pod, null, Optional.of(deadline.message() + note));
        };
    }

    /** What its observer saw the run ask for without an answer, which often is why it failed. */
    private String denied(BuildPod pod) {
        return observed.owned()
                .records()
                .observation(pod)
                .flatMap(Denied::summary)
                .map(summary -> "; the run " + summary)
                .orElse("");
    }

    private static String believed(End.Unclear unclear) {
        return UNCOUNTED + ", up to " + unclear.most() + " times in a row";
    }

    private static String tooOften(End.Unclear unclear) {
        return "; it counts as a failure of the build, because it happened more than " + unclear.most()
                + " times in a row";
    }

    private History again(History history, BuildPod pod, int before, String message) {
        return history.with(pod.id().slot(), next(pod, failures(history, pod), before + 1, failure(pod, message)));
    }

    private History failed(History history, BuildPod pod, int uncounted, int exitCode, String message) {
        return history.with(pod.id().slot(), next(pod, failures(history, pod) + 1, uncounted, failure(pod, message)))
                .withLastRun(run(pod, exitCode, Optional.of(message)));
    }

    private History completed(History history, BuildPod pod, @Nullable Integer exitCode, Optional<String> message) {
        return history.with(pod.id().slot(), next(pod, 0, 0, Optional.empty()))
                .withLastRun(run(pod, exitCode, message));
    }

    /** Failures of another cause do not count: an edit, or a request for a rerun, restarts the count. */
    private static int failures(History history, BuildPod pod) {
        int slot = pod.id().slot();
        return history.lastFailure(slot, RunCause.of(pod)).isPresent()
                ? history.slot(slot).failures()
                : 0;
    }

    private int uncounted(History history, BuildPod pod) {
        int slot = pod.id().slot();
        return history.lastFailure(slot, RunCause.of(pod))
                        .filter(failure ->
                                !isAgent() || failure.at().plus(AGENT_FORGETS).isAfter(now))
                        .isPresent()
                ? history.slot(slot).uncounted()
                : 0;
    }

    private Optional<Failure> failure(BuildPod pod, String message) {
        return Optional.of(new Failure(now, Optional.of(RunCause.of(pod)), Optional.of(message)));
    }

    private static Slot next(BuildPod pod, int failures, int uncounted, Optional<Failure> lastFailure) {
        return new Slot(pod.id().attempt() + 1, failures, uncounted, lastFailure);
    }

    private LastRun run(BuildPod pod, @Nullable Integer exitCode, Optional<String> message) {
        return new LastRun(
                pod.id().name(),
                pod.id().precondition().uid(),
                start(pod).toString(),
                now.toString(),
                exitCode,
                pod.specHash(),
                RunCause.of(pod).rerun().orElse(null),
                message.orElse(null));
    }

    private static Instant start(BuildPod pod) {
        return pod.times().started().orElse(pod.times().created());
    }

    private boolean isAgent() {
        return observed.environment().getSpec() != null
                && observed.environment().getSpec().onExit() == OnExit.Replace;
    }

    /** By the clock of the node alone, if it reports both times and did not turn its clock back meanwhile. */
    private boolean isShort(BuildPod pod, Progress.Finished finished) {
        Duration ran = pod.times()
                .buildStarted()
                .flatMap(begun -> finished.nodeTime().map(ended -> Duration.between(begun, ended)))
                .filter(duration -> !duration.isNegative())
                .orElse(Duration.between(start(pod), now));
        return ran.compareTo(SHORTEST_AGENT_RUN) < 0;
    }
}
