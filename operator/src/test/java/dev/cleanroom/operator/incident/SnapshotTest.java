package dev.cleanroom.operator.incident;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.TimelineEntry;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.VolumeState;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.VolumeStatus;
import dev.cleanroom.operator.incident.resources.OpenedIncident;
import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.SnapshotApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The workspace's snapshot: requested, cut and ready told apart, and every way there can be none. */
@LabTest
class SnapshotTest extends WithSuspects {
    private static final String CUT_AT = "2026-01-01T00:00:00Z";

    @Test
    void requestedCutAndReadyAreToldApart() {
        SnapshotApi snapshots = SnapshotApi.install(lab);
        snapshots.snapshotClass("keeps", "Retain");
        snapshots.snapshotClass("drops", "Delete");
        String incident = quarantined();
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "Requested");
        GenericKubernetesResource snapshot = snapshots.await(environments.namespace(), incident + "-workspace");
        assertThat(snapshot.<String>get("spec", "volumeSnapshotClassName")).isEqualTo("keeps");
        assertThat(snapshot.<String>get("spec", "source", "persistentVolumeClaimName"))
                .isEqualTo("payments-0-1-cleanroom-workspace");

        snapshots.status(snapshot, Map.of("creationTime", CUT_AT, "readyToUse", false));
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "Cut");

        // Ready, says the snapshot; but the content it names is another's.
        snapshots.content("content-a", "00000000-0000-0000-0000-000000000000");
        snapshots.status(snapshot, ready("content-a"));
        snapshots.content("content-b", snapshot.getMetadata().getUid());
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "Cut");
        snapshots.status(snapshot, ready("content-b"));
        incidents.awaitCondition(incident, "VolumesSnapshotted", "True", "Ready");
        assertThat(incidents.get(incident).getStatus().volumes())
                .containsExactly(new VolumeStatus(
                        "payments-0-1-cleanroom-workspace", incident + "-workspace", VolumeState.Ready, CUT_AT, null));
        assertThat(incidents.get(incident).getStatus().timeline())
                .extracting(TimelineEntry::step)
                .contains("SnapshotRequested", "SnapshotCut", "SnapshotReady");
        assertThat(incidents.get(incident).getStatus().timeline())
                .as("each at its own time, however late it was seen")
                .extracting(TimelineEntry::time)
                .isSortedAccordingTo(Comparator.comparing(Instant::parse))
                .contains(CUT_AT, snapshot.getMetadata().getCreationTimestamp());

        incidents.resolve(incident, "FalsePositive", "");
        environments.awaitPods("payments", "payments-0-2");
        incidents.await(
                incident,
                closed -> assertThat(closed.getStatus().timeline())
                        .extracting(TimelineEntry::step)
                        .contains("Released"));
        assertThat(snapshots.find(environments.namespace(), incident + "-workspace"))
                .as("what was preserved outlives the pod")
                .isPresent();
    }

    @Test
    void whereTheApiIsNotServedTheIncidentSaysSoAndGoesOn() {
        String incident = quarantined();
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "SnapshotsNotServed");
        incidents.awaitCondition(incident, "Rebuilt", "True", "Replaced");
        incidents.awaitCondition(incident, "Ready", "True", "Contained");
        assertThat(incidents.get(incident).getStatus().volumes())
                .extracting(VolumeStatus::state)
                .containsExactly(VolumeState.Missing);
    }

    @Test
    void aClassThatDeletesIsNotUsed() {
        SnapshotApi.install(lab).snapshotClass("drops", "Delete");
        String incident = quarantined();
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "SnapshotClassDeletes");
        incidents.awaitCondition(incident, "Ready", "True", "Contained");
    }

    @Test
    void twoThatRetainAreAQuestionForAPerson() {
        SnapshotApi snapshots = SnapshotApi.install(lab);
        snapshots.snapshotClass("keeps", "Retain");
        snapshots.snapshotClass("keeps-too", "Retain");
        String incident = quarantined();
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "NoSnapshotClass");
    }

    @Test
    void aDriverThatCannotIsToldAndLookedAtAgain() {
        SnapshotApi snapshots = SnapshotApi.install(lab);
        snapshots.snapshotClass("keeps", "Retain");
        String incident = quarantined();
        GenericKubernetesResource snapshot = snapshots.await(environments.namespace(), incident + "-workspace");
        snapshots.status(snapshot, Map.of("readyToUse", false, "error", Map.of("message", "cannot snapshot")));
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "SnapshotFailed");
        incidents.awaitCondition(incident, "Ready", "True", "Contained");

        snapshots.content("content", snapshot.getMetadata().getUid());
        snapshots.status(snapshot, ready("content"));
        incidents.awaitCondition(incident, "VolumesSnapshotted", "True", "Ready");
    }

    /** Whoever can delete it, guard rails or none, would have a later moment pass for the one of the incident. */
    @Test
    void oneThatWasDeletedIsNotTakenAgain() {
        SnapshotApi snapshots = SnapshotApi.install(lab);
        snapshots.snapshotClass("keeps", "Retain");
        String incident = quarantined();
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "Requested");
        GenericKubernetesResource taken = snapshots.await(environments.namespace(), incident + "-workspace");
        lab.as(Actor.controller("generic-garbage-collector").unbounded())
                .resource(taken)
                .delete();
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "SnapshotGone");
        incidents.awaitCondition(incident, "Ready", "True", "Contained");

        incidents.resolve(incident, "FalsePositive", "");
        // Told from what was read after it had been told as gone.
        incidents.awaitCondition(incident, "Closed", "True", "FalsePositive");
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "SnapshotGone");
        assertThat(snapshots.find(environments.namespace(), incident + "-workspace"))
                .isEmpty();
        assertThat(incidents.get(incident).getStatus().volumes())
                .extracting(VolumeStatus::snapshot, VolumeStatus::state)
                .containsExactly(tuple(incident + "-workspace", VolumeState.Missing));
    }

    @Test
    void aClassThatIsMadeLaterIsUsedWhileTheIncidentIsOpen() {
        SnapshotApi snapshots = SnapshotApi.install(lab);
        String incident = quarantined();
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "NoSnapshotClass");
        incidents.awaitCondition(incident, "Rebuilt", "True", "Replaced");
        incidents.awaitCondition(incident, "Ready", "True", "Contained");

        snapshots.snapshotClass("drops", "Delete");
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "SnapshotClassDeletes");
        snapshots.snapshotClass("keeps", "Retain");
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "Requested");
    }

    @Test
    void anApiThatIsServedLaterIsUsedWhileTheIncidentIsOpen() {
        String incident = quarantined();
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "SnapshotsNotServed");
        incidents.awaitCondition(incident, "Rebuilt", "True", "Replaced");
        incidents.awaitCondition(incident, "Ready", "True", "Contained");

        SnapshotApi.install(lab).snapshotClass("keeps", "Retain");
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "Requested");
    }

    /** Its name is known from the pod's creation on. */
    @Test
    void onePlantedUnderTheNameIsNoEvidenceAndTheRealOneIsTakenOnceItIsGone() {
        SnapshotApi snapshots = SnapshotApi.install(lab);
        GenericKubernetesResource planted = planted(snapshots);
        String incident = suspects.quarantine("payments-0-1");
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "NameTaken");
        incidents.awaitCondition(incident, "Isolated", "True", "Quarantined");
        incidents.awaitCondition(incident, "Rebuilt", "True", "Replaced");
        incidents.awaitCondition(incident, "Ready", "True", "Contained");
        assertThat(incidents.get(incident).getStatus().volumes())
                .extracting(VolumeStatus::snapshot, VolumeStatus::state)
                .containsExactly(tuple(null, VolumeState.Missing));

        snapshots.delete(planted);
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "Requested");
        assertThat(snapshots
                        .await(environments.namespace(), planted.getMetadata().getName())
                        .<String>get("spec", "source", "persistentVolumeClaimName"))
                .isEqualTo("payments-0-1-cleanroom-workspace");
    }

    @Test
    void anOwnerProvesNothingWhereAnotherClaimIsShown() {
        SnapshotApi snapshots = SnapshotApi.install(lab);
        GenericKubernetesResource planted = planted(snapshots);
        String incident = suspects.quarantine("payments-0-1");
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "NameTaken");

        snapshots.own(planted, OpenedIncident.ownerReference(incidents.get(incident)));
        incidents.resolve(incident, "FalsePositive", "");
        // Told from what was read after the owner was there.
        incidents.awaitCondition(incident, "Closed", "True", "FalsePositive");
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "NameTaken");
    }

    /**
     * One of another claim, ready, under the name that the snapshot of the pod's claim is to have. Made as the operator, as
     * if there were no guard rails: what is evidence must not rest on them.
     */
    private GenericKubernetesResource planted(SnapshotApi snapshots) {
        snapshots.snapshotClass("keeps", "Retain");
        run();
        String uid = environments.pod("payments-0-1").getMetadata().getUid();
        GenericKubernetesResource planted = snapshots.snapshot(
                lab.as(Actor.operatorUnbounded()),
                environments.namespace(),
                "payments-0-1-" + uid.substring(0, 8) + "-workspace",
                "another-claim");
        snapshots.content("content-of-another", planted.getMetadata().getUid());
        snapshots.status(planted, ready("content-of-another"));
        return planted;
    }

    @Test
    void aSnapshotThatIsRefusedStopsNothingElse() {
        SnapshotApi.install(lab).snapshotClass("keeps", "Retain");
        lab.admin()
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withNamespace(environments.namespace())
                        .withName("no-snapshots")
                        .endMetadata()
                        .withNewSpec()
                        .addToHard("count/volumesnapshots.snapshot.storage.k8s.io", new Quantity("0"))
                        .endSpec()
                        .build())
                .create();
        String incident = quarantined();
        incidents.awaitCondition(incident, "VolumesSnapshotted", "False", "WriteRefused");
        incidents.awaitCondition(incident, "Isolated", "True", "Quarantined");
        incidents.awaitCondition(incident, "Rebuilt", "True", "Replaced");
        incidents.awaitCondition(incident, "Ready", "True", "Contained");
    }

    private static Map<String, Object> ready(String content) {
        return Map.of("creationTime", CUT_AT, "readyToUse", true, "boundVolumeSnapshotContentName", content);
    }

    /** The name of the incident of a task with a claim. */
    private String quarantined() {
        run();
        return suspects.quarantine("payments-0-1");
    }

    private void run() {
        suspects.run(Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: payments}
                spec:
                  image: %s
                  command: [mvn, verify]
                  workspace: {size: 1Gi}
                """.formatted(Manifests.IMAGE)));
    }
}
