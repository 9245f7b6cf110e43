package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Observation;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.RefusedName;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.model.RunRecords;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.record.RunInputs;
import dev.cleanroom.operator.record.RunObservation;
import dev.cleanroom.operator.record.facts.DetailLists;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunRecordingTest {
    private static final RunObservation DENIED = new RunObservation(
            new Observation(Outcome.Complete, null, null),
            Optional.of(new Network(
                    1,
                    List.of(new RefusedName(
                            "cdn.example.com", "build", 4, "2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z")),
                    List.of(),
                    0,
                    null)),
            Optional.empty());

    private static final RunObservation INPUTS = new RunObservation(
            new Observation(Outcome.Complete, null, null),
            Optional.empty(),
            Optional.of(new RunInputs(
                    new BuildRecordInputs(
                            BuildRecordInputs.Reading.Complete, null, "00", 1, 1L, 1, null, null, 0, null),
                    null,
                    Optional.of(new DetailLists("aa", "H4sI", 0)),
                    Optional.empty())));

    private final World world = new World(OnExit.Complete, 1, 1);

    @Test
    void aRunIsRecordedBeforeItIsCounted() {
        world.settle();
        world.running("payments-0-1");
        world.settle();
        world.exited("payments-0-1", 0, 60);
        Plan plan = EnvironmentDecision.decide(world.observed(), world.now);
        assertThat(plan.writes()).extracting(Write::reason).containsExactly("RunRecorded", "AttemptCounted");
        BuildRecordObserved observed = record(plan).getObserved();
        assertThat(observed.pod().name()).isEqualTo("payments-0-1");
        assertThat(observed.exitCode()).isZero();
        assertThat(observed.observation().outcome()).isEqualTo(Outcome.Complete);
        assertThat(observed.finishTime()).isEqualTo("2026-01-01T00:01:00Z");
        assertThat(observed.images())
                .extracting(BuildRecordObserved.RecordedImage::image)
                .hasSize(2);
        assertThat(record(plan).getMetadata().getOwnerReferences().getFirst().getUid())
                .isEqualTo("uid-1");
        assertThat(world.settle())
                .contains("Create " + record(plan).getMetadata().getName() + " RunRecorded");
        assertThat(EnvironmentDecision.decide(world.observed(), world.now).writes())
                .isEmpty();
    }

    @Test
    void aRunIsNotCountedWhileItsLogIsRead() {
        world.settle();
        world.running("payments-0-1");
        world.settle();
        world.logsAwaited.add("payments-0-1");
        world.exited("payments-0-1", 3, 60);
        assertThat(world.settle()).noneMatch(write -> write.endsWith("AttemptCounted") || write.startsWith("Delete"));

        world.logsAwaited.clear();
        assertThat(world.settle())
                .anyMatch(write -> write.endsWith("RunRecorded"))
                .anyMatch(write -> write.endsWith("AttemptCounted"));
    }

    @Test
    void aFailedRunSaysWhatItWasDenied() {
        world.settle();
        world.observations.put("payments-0-1", DENIED);
        world.running("payments-0-1");
        world.settle();
        world.exited("payments-0-1", 3, 60);
        Plan plan = EnvironmentDecision.decide(world.observed(), world.now);
        assertThat(plan.writes())
                .extracting(Write::reason)
                .containsExactly("RunRecorded", "ConnectionDenied", "AttemptCounted");
        world.settle();
        assertThat(world.environment.getStatus().lastRun().message())
                .isEqualTo("the build exited with 3; the run asked for 1 name that nothing permits:"
                        + " cdn.example.com (4 times, in build)");
        assertThat(world.environment.getStatus().deniedConnections())
                .singleElement()
                .satisfies(denied -> {
                    assertThat(denied.name()).isEqualTo("cdn.example.com");
                    assertThat(denied.count()).isEqualTo(4);
                });
    }

    @Test
    void aRecordThatIsRefusedIsReportedAndTheRunIsCounted() {
        world.settle();
        world.running("payments-0-1");
        world.settle();
        world.exited("payments-0-1", 0, 60);
        String record = record(EnvironmentDecision.decide(world.observed(), world.now))
                .getMetadata()
                .getName();
        world.refused.add(record);
        assertThat(world.settle())
                .containsSubsequence("Create event RecordRefused", "ApplyStatus payments AttemptCounted");
        assertThat(world.environment.getStatus().conditions())
                .as("nothing stalls")
                .anyMatch(condition -> condition.getType().equals("Finished")
                        && condition.getReason().equals("Succeeded"))
                .noneMatch(condition -> condition.getReason().equals("WriteRefused"));
    }

    @Test
    void whatTheClusterEndedIsNoRun() {
        world.settle();
        world.running("payments-0-1");
        world.settle();
        world.logsAwaited.add("payments-0-1");
        world.evicted("payments-0-1");
        assertThat(world.settle())
                .noneMatch(write -> write.endsWith("RunRecorded"))
                .anyMatch(write -> write.endsWith("AttemptCounted"));
    }

    @Test
    void aRunThatIsTooLongIsRecordedUnobserved() {
        world.settle();
        world.running("payments-0-1");
        world.settle();
        world.now = world.now.plusSeconds(5 * 3600);
        Plan plan = EnvironmentDecision.decide(world.observed(), world.now);
        assertThat(plan.writes()).extracting(Write::reason).startsWith("RunRecorded");
        assertThat(record(plan).getObserved().observation().reason()).isEqualTo("PodEnding");
        assertThat(record(plan).getObserved().exitCode()).isNull();
    }

    /** An older record is stored with each higher number. */
    private RunRecords.Stored stored(int n, Optional<String> lists, Optional<String> sameAs) {
        return new RunRecords.Stored(
                "payments-0-1-" + n,
                new Write.Precondition("uid-" + n, "1"),
                world.now.plusSeconds(10 - n),
                lists,
                sameAs,
                false);
    }

    @Test
    void aRecordThatHasTheListsOfANewerOneIsKept() {
        world.settle();
        world.records.add(stored(0, Optional.of("aa"), Optional.empty()));
        world.records.add(stored(1, Optional.empty(), Optional.of("payments-0-1-4")));
        world.records.add(stored(3, Optional.empty(), Optional.of("payments-0-1-5")));
        world.records.add(stored(4, Optional.of("bb"), Optional.empty()));
        world.records.add(stored(5, Optional.of("cc"), Optional.empty()));
        assertThat(world.settle().stream().filter(write -> write.startsWith("Delete")))
                .as("the record that named the last one is deleted, too")
                .containsExactly("Delete payments-0-1-3 NewerRunsRecorded", "Delete payments-0-1-5 NewerRunsRecorded");
    }

    @Test
    void aRunWithTheListsOfAnEarlierOneNamesItsRecord() {
        world.observations.put("payments-0-1", INPUTS);
        world.settle();
        world.running("payments-0-1");
        world.settle();
        world.exited("payments-0-1", 0, 60);
        BuildRecord first = record(EnvironmentDecision.decide(world.observed(), world.now));
        assertThat(first.getObserved().detail()).isEqualTo(new BuildRecordObserved.Detail("aa", null, "H4sI", null));
        assertThat(first.getMetadata().getAnnotations())
                .containsExactly(Map.entry("cleanroom.dev/detail-sha256", "aa"));

        world.records.add(stored(1, Optional.of("bb"), Optional.empty()));
        world.records.add(stored(2, Optional.of("aa"), Optional.empty()));
        world.records.add(stored(3, Optional.of("aa"), Optional.empty()));
        BuildRecord second = record(EnvironmentDecision.decide(world.observed(), world.now));
        assertThat(second.getObserved().detail())
                .isEqualTo(new BuildRecordObserved.Detail("aa", "payments-0-1-2", null, null));
        assertThat(second.getMetadata().getAnnotations())
                .containsExactly(Map.entry("cleanroom.dev/detail-record", "payments-0-1-2"));
    }

    @Test
    void aRecordThatMayNotBeDeletedKeepsNothingWaiting() {
        for (int n = 0; n < 3; n++) {
            world.records.add(stored(n, Optional.empty(), Optional.empty()));
        }
        world.refused.add("payments-0-1-2");
        assertThat(world.settle()).anyMatch(write -> write.endsWith("SlotEmpty"));
    }

    @Test
    void withoutDetectionThereIsNeitherObserverNorRecord() {
        world.environment.setSpec(
                Manifests.environment("""
                spec: {image: "%s", command: [build], onExit: Complete, replicas: 1, retries: 0, maxLifetime: 4h,
                  ttlAfterFinished: 1h, detection: {mode: "Off"}}
                """.formatted(World.IMAGE)).getSpec());
        world.settle();
        assertThat(world.pods.get("payments-0-1").getSpec().getInitContainers()).hasSize(1);
        world.logsAwaited.add("payments-0-1");
        world.running("payments-0-1");
        world.settle();
        world.exited("payments-0-1", 0, 60);
        assertThat(world.settle())
                .noneMatch(write -> write.endsWith("RunRecorded"))
                .anyMatch(write -> write.endsWith("AttemptCounted"));
    }

    @Test
    void anAgentHasARecordOnlyOfWhatItWasDenied() {
        World agent = new World(OnExit.Replace, 1, 0);
        agent.settle();
        agent.running("payments-0-1");
        agent.settle();
        agent.exited("payments-0-1", 0, 60);
        assertThat(agent.settle()).noneMatch(write -> write.endsWith("RunRecorded"));

        agent.observations.put("payments-0-2", DENIED);
        agent.running("payments-0-2");
        agent.settle();
        agent.exited("payments-0-2", 0, 60);
        assertThat(agent.settle()).anyMatch(write -> write.endsWith("RunRecorded"));
    }

    private static BuildRecord record(Plan plan) {
        return (BuildRecord) ((Write.Create) plan.writes().getFirst()).object();
    }
}
