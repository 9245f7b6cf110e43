package dev.cleanroom.operator.incident.status;

import dev.cleanroom.api.v1alpha1.BuildIncidentStatus;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.VolumeState;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.VolumeStatus;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.incident.model.ObservedIncident;
import dev.cleanroom.operator.incident.model.Volume;
import dev.cleanroom.operator.incident.status.Timeline.Step;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.Conditions.Content;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The progress of the snapshot of the workspace (requested, cut or ready), or why there is none.
 *
 * @param steps for the timeline
 */
record VolumesJudgement(Content verdict, List<VolumeStatus> volumes, List<Step> steps) {
    private static final Set<String> WORKING = Set.of(Reasons.REQUESTED, Reasons.CUT);
    private static final Set<String> CORRECTABLE = Set.of(
            Reasons.SNAPSHOT_FAILED,
            Reasons.WRITE_REFUSED,
            Reasons.NAME_TAKEN,
            Reasons.SNAPSHOTS_NOT_SERVED,
            Reasons.CLAIM_NOT_BOUND,
            Reasons.NO_SNAPSHOT_CLASS,
            Reasons.SNAPSHOT_CLASS_DELETES);

    static boolean isWorking(Content verdict) {
        return WORKING.contains(verdict.reason());
    }

    /**
     * Checked again while the incident is open, because drivers try again, and a person may correct what prevented
     * the snapshot.
     */
    static boolean mayStillCome(BuildIncidentStatus status) {
        return !Conditions.isTrue(status.conditions(), Reasons.CLOSED)
                && Conditions.find(status.conditions(), Reasons.VOLUMES_SNAPSHOTTED)
                        .filter(reported -> CORRECTABLE.contains(reported.getReason()))
                        .isPresent();
    }

    static VolumesJudgement of(ObservedIncident observed) {
        Optional<VolumeStatus> reported = reported(observed.incident().getStatus());
        if (reported.filter(volume -> volume.state() == VolumeState.Ready).isPresent()) {
            return ready(reported.get(), Optional.empty());
        }
        if (observed.volume().isPresent()) {
            return of(observed.volume().get(), reported);
        }
        return reported.map(known -> released(observed, known).orElseGet(() -> claimGone(known)))
                .orElseGet(VolumesJudgement::noClaim);
    }

    /** After closing, the garbage collector deletes the claim with its pod at some time; what was reported stays. */
    private static Optional<VolumesJudgement> released(ObservedIncident observed, VolumeStatus reported) {
        BuildIncidentStatus stored = observed.incident().getStatus();
        return Conditions.isTrue(stored.conditions(), Reasons.CLOSED)
                ? Conditions.find(stored.conditions(), Reasons.VOLUMES_SNAPSHOTTED)
                        .map(before -> new VolumesJudgement(
                                new Content(before.getStatus(), before.getReason(), before.getMessage()),
                                List.of(reported),
                                List.of()))
                : Optional.empty();
    }

    private static Optional<VolumeStatus> reported(BuildIncidentStatus stored) {
        return stored == null || stored.volumes() == null
                ? Optional.empty()
                : stored.volumes().stream().findFirst();
    }

    private static VolumesJudgement of(Volume volume, Optional<VolumeStatus> reported) {
        if (volume.snapshot().isEmpty()) {
            return reported.filter(known -> known.snapshot() != null)
                    .map(known -> missing(
                            volume.claim(),
                            known.snapshot(),
                            Reasons.SNAPSHOT_GONE,
                            "snapshot " + known.snapshot() + " was deleted"))
                    .orElseGet(() -> missing(
                            volume.claim(),
                            null,
                            volume.why().reason(),
                            volume.why().message()));
        }
        Volume.Snapshot snapshot = volume.snapshot().get();
        Optional<String> error = snapshot.error().map(Volume.Failure::message);
        String detail = error.orElse(null);
        if (snapshot.ready()) {
            return ready(
                    new VolumeStatus(
                            volume.claim(),
                            snapshot.name(),
                            VolumeState.Ready,
                            snapshot.cutAt().orElse(null),
                            detail),
                    snapshot.requestedAt());
        }
        List<Step> steps = requested(volume.claim(), snapshot.name(), snapshot.requestedAt());
        VolumeState state = snapshot.cutAt().isPresent() ? VolumeState.Cut : VolumeState.Requested;
        snapshot.cutAt().ifPresent(cut -> steps.add(cut(volume.claim(), cut)));
        snapshot.error().ifPresent(failure -> steps.add(new Step("SnapshotFailed", failure.message(), failure.at())));
        String reason = snapshot.error().isPresent()
                ? Reasons.SNAPSHOT_FAILED
                : state == VolumeState.Cut ? Reasons.CUT : Reasons.REQUESTED;
        return new VolumesJudgement(
                Content.no(
                        reason,
                        "snapshot " + snapshot.name() + " of claim " + volume.claim() + ": "
                                + error.orElse(reason.equals(Reasons.CUT) ? "cut, not ready yet" : "requested")),
                List.of(new VolumeStatus(
                        volume.claim(), snapshot.name(), state, snapshot.cutAt().orElse(null), detail)),
                steps);
    }

    private static VolumesJudgement ready(VolumeStatus volume, Optional<Instant> requestedAt) {
        List<Step> steps = requested(volume.claim(), String.valueOf(volume.snapshot()), requestedAt);
        steps.add(cut(volume.claim(), volume.cutAt()));
        steps.add(Step.observed("SnapshotReady", "snapshot " + volume.snapshot() + " can be restored from"));
        return new VolumesJudgement(
                Content.yes(Reasons.SNAPSHOT_READY, "snapshot " + volume.snapshot() + " shows claim " + volume.claim()),
                List.of(volume),
                steps);
    }

    private static List<Step> requested(String claim, String snapshot, Optional<Instant> at) {
        List<Step> steps = new ArrayList<>();
        steps.add(new Step("SnapshotRequested", "snapshot " + snapshot + " of claim " + claim, at));
        return steps;
    }

    private static Step cut(String claim, @Nullable String at) {
        return new Step("SnapshotCut", "claim " + claim + " as it was at " + at, Volume.time(at));
    }

    /** @param snapshot that was requested: kept, so that a later snapshot is not taken for it */
    private static VolumesJudgement missing(String claim, @Nullable String snapshot, String reason, String message) {
        return new VolumesJudgement(
                Content.no(reason, message),
                List.of(new VolumeStatus(claim, snapshot, VolumeState.Missing, null, message)),
                List.of(Step.observed("SnapshotMissing", message)));
    }

    /** What was reported about the claim stays, and that it is gone is reported as well. */
    private static VolumesJudgement claimGone(VolumeStatus reported) {
        String message = "claim " + reported.claim() + " is gone"
                + (reported.snapshot() == null ? "" : "; snapshot " + reported.snapshot() + " was " + reported.state());
        return new VolumesJudgement(
                Content.no(Reasons.CLAIM_GONE, message),
                List.of(reported),
                List.of(Step.observed("ClaimGone", message)));
    }

    private static VolumesJudgement noClaim() {
        return new VolumesJudgement(
                Content.no(
                        Reasons.NO_CLAIM,
                        "The pod has no volume claim. Its workspace is an emptyDir, which cannot be snapshotted"
                                + " and is deleted with the pod"),
                List.of(),
                List.of());
    }
}
