package dev.cleanroom.operator.incident.status;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.incident.model.ObservedIncident;
import dev.cleanroom.operator.incident.status.Timeline.Step;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.Conditions.Content;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.PodState;
import dev.cleanroom.operator.pod.Progress;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Builds the whole status from what was observed and what was recorded before: a recorded step stays. */
public final class IncidentStatus {
    /**
     * Reasons of Rebuilt after which it no longer changes. A reason that waits for a person is not among them: that
     * person may edit the environment, of which no event arrives here.
     */
    private static final Set<String> REBUILT_SETTLED =
            Set.of(Reasons.REPLACED, Reasons.NOT_WANTED, Reasons.ENVIRONMENT_GONE);

    private IncidentStatus() {}

    public static BuildIncidentStatus build(ObservedIncident observed, Instant now) {
        BuildIncident incident = observed.incident();
        BuildIncidentStatus stored = incident.getStatus();
        List<Condition> before = stored == null ? null : stored.conditions();
        var conditions = new Conditions(before, incident.getMetadata().getGeneration(), now);
        Content isolated = isolated(observed, before);
        VolumesJudgement volumes = VolumesJudgement.of(observed);
        Content rebuilt = RebuiltJudgement.of(observed, before);
        ClosedJudgement end = ClosedJudgement.of(observed, before);
        Content closed = end.verdict();
        return new BuildIncidentStatus(
                incident.getMetadata().getGeneration(),
                List.of(
                        conditions.of(Reasons.READY, ready(isolated, volumes.verdict(), rebuilt, closed)),
                        conditions.of(Reasons.ISOLATED, isolated),
                        conditions.of(Reasons.VOLUMES_SNAPSHOTTED, volumes.verdict()),
                        conditions.of(Reasons.REBUILT, rebuilt),
                        conditions.of(Reasons.CLOSED, closed)),
                observed.environment().name(),
                observed.imageDigest().map(BuildIncidentStatus.Exposure::new).orElse(null),
                volumes.volumes(),
                timeline(
                        observed,
                        isolated,
                        volumes,
                        rebuilt,
                        end,
                        new Timeline(stored == null ? null : stored.timeline(), now)));
    }

    /** Whether nothing of this incident changes any more without a person. */
    public static boolean isSettled(ObservedIncident observed, BuildIncidentStatus status) {
        boolean closed = Conditions.isTrue(status.conditions(), Reasons.CLOSED);
        return Conditions.isTrue(status.conditions(), Reasons.READY)
                && observed.exposedAccount().isEmpty()
                && !VolumesJudgement.mayStillCome(status)
                && (closed || !isClaimComingOrGoing(observed))
                && Conditions.find(status.conditions(), Reasons.REBUILT)
                        .filter(rebuilt -> REBUILT_SETTLED.contains(rebuilt.getReason())
                                || (closed && rebuilt.getReason().equals(Reasons.REBUILD_NEVER)))
                        .isPresent();
    }

    private static Content isolated(ObservedIncident observed, @Nullable List<Condition> before) {
        if (Conditions.isTrue(before, Reasons.ISOLATED)) {
            return Content.yes(Reasons.QUARANTINED, cutOff(observed));
        }
        if (observed.pod().isEmpty()) {
            return Content.no(
                    Reasons.POD_GONE,
                    "pod " + observed.podName() + " with that uid was gone before it was" + " isolated");
        }
        PodState state = PodState.of(observed.pod().get());
        if (state != PodState.QUARANTINED && observed.flipRefused().isPresent()) {
            return Content.no(
                    Reasons.WRITE_REFUSED,
                    "pod " + observed.podName() + " is not isolated, because the API server refused it: "
                            + observed.flipRefused().get());
        }
        return switch (state) {
            case QUARANTINED -> Content.yes(Reasons.QUARANTINED, cutOff(observed));
            case SUSPECT ->
                Content.no(
                        Reasons.PRESERVING_FIRST,
                        "The environment preserves first: the network is cut 10 s after the incident was opened");
            case PREPARING, ACTIVE -> Content.no(Reasons.PENDING, "The pod is about to be isolated");
        };
    }

    private static String cutOff(ObservedIncident observed) {
        return "No policy allows pod " + observed.podName()
                + " to reach anything any more. Whether its open connections ended depends on the network plug-in";
    }

    private static Content ready(Content isolated, Content volumes, Content rebuilt, Content closed) {
        if (closed.status().equals("True")) {
            return Content.yes(Reasons.CLOSED, "Nothing is left to do");
        }
        if (isolated.reason().equals(Reasons.WRITE_REFUSED)) {
            return isolated;
        }
        if (closed.reason().equals(Reasons.WRITE_REFUSED)) {
            return closed;
        }
        boolean working = isolated.reason().equals(Reasons.PENDING)
                || isolated.reason().equals(Reasons.PRESERVING_FIRST)
                || VolumesJudgement.isWorking(volumes)
                || rebuilt.reason().equals(Reasons.STARTING);
        return working
                ? Content.no(Reasons.CONTAINING, "Steps are still being taken; see status.timeline")
                : Content.yes(Reasons.CONTAINED, "Everything that can be done before a responder decides is done");
    }

    private static List<BuildIncidentStatus.TimelineEntry> timeline(
            ObservedIncident observed,
            Content isolated,
            VolumesJudgement volumes,
            Content rebuilt,
            ClosedJudgement closed,
            Timeline timeline) {
        BuildIncidentSpec spec = observed.incident().getSpec();
        timeline.add(new Step(
                "Opened",
                spec.trigger().source() + ": " + spec.trigger().reason()
                        + (spec.trigger().requestedBy() == null
                                ? ""
                                : " (asked by " + spec.trigger().requestedBy() + ")"),
                Optional.of(Instant.parse(observed.incident().getMetadata().getCreationTimestamp()))));
        if (isolated.status().equals("True")) {
            timeline.add(new Step(
                    Timeline.ISOLATED,
                    "pod " + observed.podName() + " is quarantined",
                    observed.times().isolated()));
        }
        volumes.steps().forEach(timeline::add);
        endedByNode(observed).ifPresent(detail -> timeline.add(new Step("EndedByNode", detail, endedAt(observed))));
        revoked(observed).ifPresent(detail -> timeline.add(Step.observed("IdentityRevoked", detail)));
        if (rebuilt.reason().equals(Reasons.REPLACED)) {
            timeline.add(new Step("Replaced", rebuilt.message(), RebuiltJudgement.replacedAt(observed)));
        }
        closed.steps().forEach(timeline::add);
        if (observed.pod().isEmpty()) {
            timeline.add(Step.observed(
                    timeline.has(Timeline.CLOSED) ? "Released" : "PodGone",
                    "pod " + observed.podName() + " and its claims are gone"));
        }
        return timeline.entries();
    }

    /**
     * An eviction by the kubelet itself is not an API request, so no guard rail stops it. The timeline reports it,
     * and what was lost.
     */
    private static Optional<String> endedByNode(ObservedIncident observed) {
        return observed.pod()
                .map(Pod::getStatus)
                .filter(status -> "Failed".equals(status.getPhase()) && status.getReason() != null)
                .map(status -> "the node ended the pod: " + status.getReason() + "; its processes, /tmp and home are"
                        + " lost"
                        + (observed.volume().isPresent() ? "" : ", and its workspace, which was not a" + " claim"));
    }

    /** Empty if no container reports when it ended, or a time before its creation: the clock of a node may be wrong. */
    private static Optional<Instant> endedAt(ObservedIncident observed) {
        return subject(observed)
                .flatMap(pod -> pod.progress() instanceof Progress.Finished finished
                        ? finished.nodeTime().filter(pod.times().created()::isBefore)
                        : Optional.empty());
    }

    /** The account no longer has the uid whose tokens the pod had. Its siblings had tokens of the same account. */
    private static Optional<String> revoked(ObservedIncident observed) {
        Optional<String> had =
                observed.pod().map(pod -> pod.getMetadata().getAnnotations().get(CleanroomApi.ACCOUNT_UID_ANNOTATION));
        if (had.isEmpty() || observed.exposedAccount().isPresent()) {
            return Optional.empty();
        }
        String siblings = observed.environment().pods().stream()
                .filter(pod -> !pod.id().name().equals(observed.podName()))
                .filter(pod -> pod.origin().accountUid().equals(had))
                .map(pod -> pod.id().name())
                .sorted()
                .collect(Collectors.joining(", "));
        return Optional.of("the account of its tokens was deleted"
                + (siblings.isEmpty() ? "" : "; tokens of its siblings are invalid too: " + siblings));
    }

    /**
     * A pod that waits to start may still get its claim; the claim of a deleted pod waits for the garbage
     * collector.
     */
    private static boolean isClaimComingOrGoing(ObservedIncident observed) {
        boolean waits = observed.pod()
                .filter(pod -> pod.getStatus() == null
                        || pod.getStatus().getPhase() == null
                        || pod.getStatus().getPhase().equals("Pending"))
                .isPresent();
        return observed.volume().isPresent() ? observed.pod().isEmpty() : waits;
    }

    static Optional<BuildPod> subject(ObservedIncident observed) {
        return observed.environment().pods().stream()
                .filter(pod -> pod.id()
                        .precondition()
                        .uid()
                        .equals(observed.incident().getSpec().subject().uid()))
                .findFirst();
    }
}
