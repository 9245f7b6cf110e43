package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.Records;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.StatusFinding;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Observation;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Stage;
import dev.cleanroom.api.v1alpha1.Verdict;
import dev.cleanroom.operator.environment.model.RunRecords;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.record.JudgedRun;
import dev.cleanroom.operator.record.RecordOfRun;
import dev.cleanroom.operator.record.RunInputs;
import dev.cleanroom.operator.record.RunObservation;
import dev.cleanroom.operator.record.facts.DetailLists;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KnownGoodRunsTest {
    private static final RunObservation INPUTS = new RunObservation(
            new Observation(Outcome.Complete, null, null),
            Optional.empty(),
            Optional.of(new RunInputs(
                    new BuildRecordInputs(
                            BuildRecordInputs.Reading.Complete, null, "00", 1, 1L, 1, null, null, 0, null),
                    null,
                    Optional.of(new DetailLists("aa", "H4sI", 0)),
                    Optional.empty())));

    private static final Finding WORST = new Finding(
            "SameVersionOtherContent:npm:axios@1.14.1:00", Severity.Critical, Stage.Inputs, null, "Other hashes.");

    private final World world = new World(OnExit.Complete, 1, 1);

    @Test
    void aGoodRunIsTheKnownGoodOne() {
        world.observations.put("payments-0-1", judged(Verdict.Learning, List.of()));
        world.settle();
        world.running("payments-0-1");
        world.settle();
        world.exited("payments-0-1", 0, 60);
        BuildRecord record = record(EnvironmentDecision.decide(world.observed(), world.now));
        assertThat(record.getVerdict()).isEqualTo(Verdict.Learning);
        assertThat(record.getFindingsSummary()).isEqualTo("None");
        assertThat(record.getFindings()).isNull();
        assertThat(record.getMetadata().getLabels()).containsEntry(CleanroomApi.KNOWN_GOOD_LABEL, "true");
        world.settle();
        assertThat(world.environment.getStatus().records())
                .isEqualTo(new Records(
                        record.getMetadata().getName(), record.getMetadata().getName()));
        assertThat(world.environment.getStatus().findings()).isNull();
    }

    @Test
    void aRunThatFailedOrWasNotObservedWholeIsNotKnownGood() {
        world.settle();
        world.running("payments-0-1");
        world.settle();
        world.observations.put("payments-0-1", judged(Verdict.Clean, List.of()));
        world.exited("payments-0-1", 3, 60);
        assertThat(record(EnvironmentDecision.decide(world.observed(), world.now))
                        .getMetadata()
                        .getLabels())
                .doesNotContainKey(CleanroomApi.KNOWN_GOOD_LABEL);

        world.exited("payments-0-1", 0, 60);
        for (RunObservation other :
                List.of(INPUTS, judged(Verdict.Partial, List.of()), judged(Verdict.Open, List.of(WORST)))) {
            world.observations.put("payments-0-1", other);
            assertThat(record(EnvironmentDecision.decide(world.observed(), world.now))
                            .getMetadata()
                            .getLabels())
                    .as("%s", other.judged())
                    .doesNotContainKey(CleanroomApi.KNOWN_GOOD_LABEL);
        }
    }

    @Test
    void findingsAreReportedWithTheirKey() {
        world.records.add(stored(5, true));
        world.observations.put("payments-0-1", judged(Verdict.Open, List.of(WORST)));
        world.settle();
        world.running("payments-0-1");
        world.settle();
        world.exited("payments-0-1", 0, 60);
        Plan plan = EnvironmentDecision.decide(world.observed(), world.now);
        assertThat(plan.writes())
                .extracting(Write::reason)
                .containsExactly("RunRecorded", "FindingsOpen", "AttemptCounted");
        BuildRecord record = record(plan);
        assertThat(record.getFindings()).containsExactly(WORST);
        assertThat(record.getFindingsSummary()).isEqualTo("Critical (1)");
        assertThat(record.getComparedWith()).isEqualTo("payments-0-1-5");
        String name = record.getMetadata().getName();
        assertThat(((Event) ((Write.Create) plan.writes().get(1)).object()).getNote())
                .isEqualTo("Pod payments-0-1 has findings: Critical (1); see: kubectl get record " + name
                        + " -n team -o yaml. The worst is " + WORST.key() + ": Other hashes.");
        world.settle();
        assertThat(world.environment.getStatus().findings())
                .containsExactly(
                        new StatusFinding(WORST.key(), Severity.Critical, Stage.Inputs, name, "Other hashes."));
        assertThat(world.environment.getStatus().records()).isEqualTo(new Records(name, "payments-0-1-5"));
    }

    private static RunObservation judged(Verdict verdict, List<Finding> findings) {
        return INPUTS.judged(Optional.of(new JudgedRun(
                verdict, Optional.empty(), findings, findings.size(), Optional.of("payments-0-1-5"), Optional.of(1))));
    }

    @Test
    void theNewestTwoAndTwoKnownGoodRecordsAreKept() {
        world.settle();
        for (int n = 0; n < 8; n++) {
            world.records.add(stored(n, n == 3 || n >= 5));
        }
        assertThat(world.settle().stream().filter(write -> write.startsWith("Delete")))
                .as("3 and 5 are of known-good runs, and 0 and 1 are the newest")
                .containsExactly(
                        "Delete payments-0-1-2 NewerRunsRecorded",
                        "Delete payments-0-1-4 NewerRunsRecorded",
                        "Delete payments-0-1-6 NewerRunsRecorded",
                        "Delete payments-0-1-7 NewerRunsRecorded");
    }

    private RunRecords.Stored stored(int n, boolean knownGood) {
        return new RunRecords.Stored(
                "payments-0-1-" + n,
                new Write.Precondition("uid-" + n, "1"),
                world.now.plusSeconds(10 - n),
                Optional.empty(),
                Optional.empty(),
                knownGood);
    }

    /** The record of a run may be stored before the run is counted, as after a crash. */
    @Test
    void noRunIsComparedWithItself() {
        world.settle();
        BuildPod pod = world.observed().owned().pods().getFirst();
        var own = new RunRecords.Stored(
                RecordOfRun.name(pod),
                new Write.Precondition("uid", "1"),
                world.now,
                Optional.empty(),
                Optional.empty(),
                true);
        assertThat(new RunRecords(true, Map.of(), List.of(own)).knownGood(pod)).isEmpty();
        RunRecords.Stored before = stored(20, true);
        assertThat(new RunRecords(true, Map.of(), List.of(own, before)).knownGood(pod))
                .contains(before.name());
    }

    private static BuildRecord record(Plan plan) {
        return (BuildRecord) ((Write.Create) plan.writes().getFirst()).object();
    }
}
