package dev.cleanroom.operator.environment.status;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.api.v1alpha1.Rebuild;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.environment.acceptance.Assessment;
import dev.cleanroom.operator.environment.acceptance.Obstacle;
import dev.cleanroom.operator.environment.acceptance.Replacement;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.History.Failure;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Task;
import dev.cleanroom.operator.kube.Conditions.Content;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.PodState;
import dev.cleanroom.operator.pod.Progress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The conditions that summarize an environment, built together so that they never contradict each other. */
record Judgement(Content ready, Content finished, Content reconciling, Content stalled) {

    static Judgement of(
            Observed observed, Assessment assessment, History history, List<BuildPod> active, Content network) {
        if (observed.environment().getSpec() == null) {
            return reported(assessment.refused().orElseThrow(), notFinished());
        }
        Optional<String> over = Task.over(observed.environment(), history);
        Content finished = over.map(reason -> Content.yes(reason, ending(reason, history)))
                .or(() -> endedInQuarantine(observed, assessment))
                .orElseGet(Judgement::notFinished);
        if (assessment.refused().isPresent()) {
            return reported(assessment.refused().get(), finished);
        }
        if (over.isPresent() && !over.get().equals(Reasons.SUCCEEDED)) {
            return stalled(over.get(), finished.message() + ". " + runsAgain(observed), finished);
        }
        if (over.isPresent()) {
            return ready(Content.yes(Reasons.SUCCEEDED, finished.message()), finished);
        }
        if (!assessment.replacement().waiting().isEmpty()) {
            Content waiting = underInvestigation(observed, assessment.replacement());
            return stalled(waiting.reason(), waiting.message(), finished);
        }
        return running(observed, assessment, history, active, network, finished);
    }

    /**
     * Kept while the environment is not accepted: an image that is rejected because of what was found in the pod
     * does not start the task again.
     */
    private static Optional<Content> endedInQuarantine(Observed observed, Assessment assessment) {
        if (assessment.acceptance() instanceof Acceptance.Accepted) {
            return assessment.replacement().ends(observed.environment().getSpec())
                    ? Optional.of(underInvestigation(observed, assessment.replacement()))
                    : Optional.empty();
        }
        return StatusChange.find(observed.environment().getStatus(), Reasons.FINISHED)
                .filter(reported ->
                        reported.getStatus().equals("True") && Reasons.QUARANTINED.equals(reported.getReason()))
                .map(reported -> Content.yes(reported.getReason(), reported.getMessage()));
    }

    private static Content underInvestigation(Observed observed, Replacement replacement) {
        String until = replacement.rebuild() == Rebuild.Never
                ? "not replaced in this environment (response.rebuild: Never). Delete the environment and create"
                        + " it again to build again"
                : "replaced when its incident is closed";
        return Content.yes(
                Reasons.QUARANTINED,
                "A pod under investigation is " + until + ": kubectl get incident -n " + observed.namespace() + " -l "
                        + CleanroomApi.ENVIRONMENT_LABEL + "=" + observed.name());
    }

    private static Judgement running(
            Observed observed,
            Assessment assessment,
            History history,
            List<BuildPod> active,
            Content network,
            Content finished) {
        int wanted = assessment.wanted(observed, history);
        long started = active.stream().filter(BuildPod::buildStarted).count();
        if (wanted == 0) {
            return ready(Content.yes(Reasons.SCALED_TO_ZERO, "No pod is wanted: spec.replicas is 0"), finished);
        }
        Optional<Judgement> limited =
                assessment.replicaLimit().map(limit -> stalled(Reasons.LIMIT_EXCEEDED, limit.message(), finished));
        if (started >= wanted && limited.isPresent()) {
            return limited.get();
        }
        if (started >= wanted) {
            return ready(
                    Content.yes(Reasons.RUNNING, wanted == 1 ? "The pod has started" : "The pods have started"),
                    finished);
        }
        // A running pod was accepted when it started: for example, an unavailable registry does not change that.
        Optional<Obstacle> obstacle = assessment.obstacles().stream()
                // Only if a pod is still to be created and no gate has failed, as for NetworkEnforced.
                .filter(it -> !it.reason().equals(Reasons.CANARY_UNAVAILABLE)
                        || it.reason().equals(network.reason()))
                .findFirst();
        if (obstacle.isPresent()) {
            return reported(obstacle.get(), finished);
        }
        if (NetworkJudgement.waitsForAPerson(network)) {
            return stalled(network.reason(), network.message(), finished);
        }
        if (NetworkJudgement.isFailed(network)) {
            return working(network.reason(), network.message(), finished);
        }
        Optional<BuildPod> troubled =
                active.stream().filter(pod -> trouble(pod).isPresent()).findFirst();
        if (troubled.isPresent()) {
            String pod = troubled.get().id().name();
            return working(
                    trouble(troubled.get()).orElseThrow(),
                    "Pod " + pod + " has not started; see: kubectl describe pod " + pod + " -n " + observed.namespace(),
                    finished);
        }
        if (limited.isPresent()) {
            return limited.get();
        }
        Optional<Failure> failure = active.size() < wanted ? lastFailure(history, wanted) : Optional.empty();
        if (failure.isPresent()) {
            return working(
                    Reasons.BACKING_OFF,
                    "The last attempt failed"
                            + failure.get().message().map(how -> ": " + how).orElse("")
                            + ". The next attempt waits, longer after each failure, at most 5 minutes",
                    finished);
        }
        return working(
                Reasons.STARTING,
                started + " of " + wanted + " pods have started" + preparing(observed, active),
                finished);
    }

    /** A pod with phases may prepare for long, and then waits for the operator and the network. */
    private static String preparing(Observed observed, List<BuildPod> active) {
        return active.stream()
                .filter(pod -> pod.state() == PodState.PREPARING)
                .map(pod -> pod.id().name())
                .min(Comparator.naturalOrder())
                .map(pod -> ". Pod " + pod
                        + " is preparing: its build starts when the prepare steps have ended and their"
                        + " network is closed; see: kubectl describe pod " + pod + " -n " + observed.namespace())
                .orElse("");
    }

    private static Optional<Failure> lastFailure(History history, int wanted) {
        return Stream.iterate(0, slot -> slot < wanted, slot -> slot + 1)
                .flatMap(slot -> history.slot(slot).lastFailure().stream())
                .findFirst();
    }

    private static Optional<String> trouble(BuildPod pod) {
        return pod.progress() instanceof Progress.Waiting(Optional<String> trouble)
                ? trouble.map(reason -> reason.equals("ErrImagePull") ? "ImagePullBackOff" : reason)
                : Optional.empty();
    }

    private static String runsAgain(Observed observed) {
        return "It runs again when its spec changes, or with: kubectl annotate benv " + observed.name() + " -n "
                + observed.namespace() + " " + CleanroomApi.RERUN_ANNOTATION + "=\"$(date +%s)\" --overwrite";
    }

    private static String ending(String reason, History history) {
        return history.lastRun()
                .map(run -> {
                    Optional<String> how = Optional.ofNullable(run.message());
                    String pod = "Pod " + run.pod();
                    return switch (reason) {
                        case Reasons.SUCCEEDED ->
                            pod + " exited with 0" + how.map(it -> "; " + it).orElse("");
                        case Reasons.LIFETIME_EXCEEDED ->
                            how.map(it -> pod + ": " + it).orElse(pod + " ran longer than spec.maxLifetime");
                        default -> how.map(it -> pod + ": " + it).orElse(pod + " exited with " + run.exitCode());
                    };
                })
                .orElse(reason);
    }

    private static Content notFinished() {
        return Content.no(Reasons.NOT_FINISHED, "The task has not finished");
    }

    private static Judgement ready(Content ready, Content finished) {
        return new Judgement(ready, finished, notReconciling(), notStalled());
    }

    private static Judgement working(String reason, String message, Content finished) {
        return new Judgement(Content.no(reason, message), finished, Content.yes(reason, message), notStalled());
    }

    private static Judgement reported(Obstacle obstacle, Content finished) {
        return obstacle.stalled()
                ? stalled(obstacle.reason(), obstacle.message(), finished)
                : working(obstacle.reason(), obstacle.message(), finished);
    }

    private static Judgement stalled(String reason, String message, Content finished) {
        return new Judgement(Content.no(reason, message), finished, notReconciling(), Content.yes(reason, message));
    }

    private static Content notReconciling() {
        return Content.no(Reasons.SETTLED, "Nothing is being changed");
    }

    private static Content notStalled() {
        return Content.no(Reasons.NOT_STALLED, "No change by a person is needed");
    }
}
