package dev.cleanroom.operator.incident.status;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.incident.model.ObservedIncident;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.Conditions.Content;
import dev.cleanroom.operator.pod.BuildPod;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether a clean pod has replaced the subject. The environment's reconciler replaces it; this reports it. */
final class RebuiltJudgement {
    private RebuiltJudgement() {}

    static Content of(ObservedIncident observed, @Nullable List<Condition> before) {
        // What was reported stays: later changes of the environment do not belong to this incident.
        Optional<Condition> reported = Conditions.find(before, Reasons.REBUILT)
                .filter(condition -> condition.getStatus().equals("True"));
        if (reported.isPresent()) {
            return Content.yes(reported.get().getReason(), reported.get().getMessage());
        }
        Optional<BuildEnvironment> environment = observed.environment().found();
        if (environment.isEmpty() || environment.get().getMetadata().getDeletionTimestamp() != null) {
            return Content.no(
                    Reasons.ENVIRONMENT_GONE,
                    "environment " + observed.environment().name() + " is gone, so there is nothing to rebuild");
        }
        return replacement(observed)
                .map(pod -> pod.buildStarted()
                        ? Content.yes(Reasons.REPLACED, "pod " + pod.id().name() + " runs in its place")
                        : Content.no(Reasons.STARTING, "pod " + pod.id().name() + " is starting in its place"))
                .orElseGet(() -> without(observed, environment.get()));
    }

    private static Content without(ObservedIncident observed, BuildEnvironment environment) {
        boolean closed = observed.incident().getSpec().resolution() != null;
        switch (observed.environment().rebuild()) {
            case Never -> {
                return Content.no(
                        Reasons.REBUILD_NEVER,
                        "response.rebuild is Never: no pod replaces it unless the environment is deleted and"
                                + " created again");
            }
            case Manual -> {
                if (!closed) {
                    return Content.no(
                            Reasons.WAITING_FOR_RESOLUTION,
                            "response.rebuild is Manual: a pod replaces it when the incident is closed");
                }
            }
            case Automatic -> {}
        }
        List<Condition> conditions =
                environment.getStatus() == null ? null : environment.getStatus().conditions();
        Optional<Condition> obstacle =
                Conditions.find(conditions, Reasons.STALLED).filter(stalled -> "True".equals(stalled.getStatus()));
        if (obstacle.isPresent()) {
            return Content.no(obstacle.get().getReason(), obstacle.get().getMessage());
        }
        return isUnwanted(observed, environment, conditions)
                ? Content.yes(Reasons.NOT_WANTED, "The environment has every pod that it wants")
                : Content.no(Reasons.STARTING, "A clean pod will replace it");
    }

    private static boolean isUnwanted(
            ObservedIncident observed, BuildEnvironment environment, @Nullable List<Condition> conditions) {
        if (environment.getSpec() == null) {
            return false;
        }
        if (environment.getSpec().onExit() != OnExit.Replace) {
            return Conditions.isTrue(conditions, Reasons.FINISHED);
        }
        long active = observed.environment().pods().stream()
                .filter(pod -> !pod.held() && !pod.finished() && !pod.terminating())
                .count();
        Integer wanted = environment.getSpec().replicas();
        return active >= (wanted == null ? 1 : wanted);
    }

    /** When the pod that replaced it was created. */
    static Optional<Instant> replacedAt(ObservedIncident observed) {
        return replacement(observed).map(pod -> pod.times().created());
    }

    /** A pod of the same slot with a later attempt: it shares only the spec with the subject. */
    private static Optional<BuildPod> replacement(ObservedIncident observed) {
        return BuildPod.slotOf(observed.environment().name(), observed.podName())
                .flatMap(subject -> observed.environment().pods().stream()
                        .filter(pod ->
                                pod.id().slot() == subject.slot() && pod.id().attempt() > subject.attempt())
                        .filter(pod -> !pod.held())
                        .findFirst());
    }
}
