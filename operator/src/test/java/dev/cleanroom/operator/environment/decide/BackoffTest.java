package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.SlotStatus;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.model.SpecHash;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A failure is the spec's that it happened under: it holds that spec back, whatever ended last, and no other. */
class BackoffTest {
    private static final String OTHER = "registry.example.com/other@sha256:" + "b".repeat(64);

    @Test
    void anEvictedPodOfAnEditedTaskIsKeptDuringTheBackOffAndReplacedAfterIt() {
        World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 0);
        world.exited("payments-0-1", 0, 60);
        world.settle();
        world.spec(OTHER, OnExit.Complete, 1, 0);
        world.settle();
        world.evicted("payments-0-2");
        assertThat(world.settle())
                .startsWith("ApplyStatus payments AttemptCounted")
                .noneMatch(write -> write.startsWith("Create payments"));
        assertThat(world.pods).containsKey("payments-0-2");
        assertThat(EnvironmentDecision.decide(world.observed(), world.now).wakeUp())
                .contains(world.now.plusSeconds(10));

        world.now = world.now.plusSeconds(10);
        assertThat(world.settle()).startsWith("Delete payments-0-2 AttemptCounted", "Create payments-0-3 SlotEmpty");
    }

    @Test
    void aPodOfTheFormerSpecThatEndsDoesNotShortenTheBackOffOfAnotherSlot() {
        World world = new World(OnExit.Replace, 2, 0);
        world.settle();
        world.running("payments-0-1");
        world.running("payments-1-1");
        world.settle();
        world.spec(OTHER, OnExit.Replace, 2, 0);
        world.exited("payments-0-1", 0, 60);
        world.settle();
        for (int attempt = 2; attempt <= 3; attempt++) {
            world.exited("payments-0-" + attempt, 1, 1);
            world.settle();
            world.now = world.now.plusSeconds(20);
            world.settle();
        }
        world.exited("payments-0-4", 1, 1);
        world.settle();
        world.exited("payments-1-1", 0, 1);
        assertThat(world.settle())
                .contains("Create payments-1-2 SlotEmpty")
                .noneMatch(write -> write.startsWith("Create payments-0-"));
        assertThat(slot(world, 0).failures()).isEqualTo(3);

        world.now = world.now.plusSeconds(39);
        world.settle();
        assertThat(world.pods).containsKey("payments-0-5");
        world.exited("payments-0-5", 1, 1);
        world.settle();
        assertThat(slot(world, 0).failures()).isEqualTo(4);
    }

    @Test
    void anEvictionAfterAnEditDoesNotCountTheFailuresBeforeTheEdit() {
        World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 1);
        world.exited("payments-0-1", 3, 60);
        world.settle();
        world.spec(OTHER, OnExit.Complete, 1, 1);
        world.settle();
        world.evicted("payments-0-2");
        world.settle();
        world.now = world.now.plusSeconds(10);
        world.settle();
        world.exited("payments-0-3", 3, 60);
        world.settle();
        assertThat(world.condition("Finished")).as("one retry is left").isEqualTo("False/NotFinished");
        assertThat(slot(world, 0).failures()).isEqualTo(1);
    }

    @Test
    void anEditEndsTheBackOff() {
        World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 5);
        world.exited("payments-0-1", 3, 60);
        world.settle();
        world.spec(OTHER, OnExit.Complete, 1, 5);
        assertThat(world.settle()).contains("Create payments-0-2 SlotEmpty");
    }

    /** As an operator of a former version wrote it: then the pod that ended last was the one that failed. */
    @Test
    void aStatusWithoutTheSpecOfAFailureTakesItFromTheLastRun() {
        for (boolean edited : List.of(false, true)) {
            World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 5);
            world.exited("payments-0-1", 3, 60);
            world.settle();
            SlotStatus stored = slot(world, 0);
            assertThat(stored.specHash()).isEqualTo(SpecHash.of(world.environment.getSpec()));
            slots(
                    world,
                    List.of(new SlotStatus(
                            0, stored.attempt(), stored.failures(), stored.lastFailure(), null, null, null, null)));
            if (edited) {
                world.spec(OTHER, OnExit.Complete, 1, 5);
            }
            assertThat(world.settle().contains("Create payments-0-2 SlotEmpty")).isEqualTo(edited);
        }
    }

    /** The pod was taken in long before: gate, pull and prepare took the time. */
    @Test
    void anAgentThatExitsAfterSecondsHasFailedEvenIfItsStartTookLong() {
        World world = EnvironmentDecisionTest.started(OnExit.Replace, 1, 0);
        world.exited("payments-0-1", 0, 303);
        world.pods
                .get("payments-0-1")
                .getStatus()
                .getContainerStatuses()
                .getFirst()
                .getState()
                .getTerminated()
                .setStartedAt(world.now.minus(Duration.ofSeconds(3)).toString());
        assertThat(world.settle()).noneMatch(write -> write.startsWith("Create payments"));
        assertThat(slot(world, 0).failures()).isEqualTo(1);
    }

    /** The counts as a status has them that an operator wrote before. */
    static void slots(World world, List<SlotStatus> slots) {
        BuildEnvironmentStatus stored = world.environment.getStatus();
        world.environment.setStatus(new BuildEnvironmentStatus(
                stored.observedGeneration(),
                stored.conditions(),
                stored.className(),
                stored.image(),
                stored.replicas(),
                stored.readyReplicas(),
                stored.quarantinedReplicas(),
                slots,
                stored.lastRun(),
                stored.selector(),
                stored.incidents(),
                stored.deniedConnections(),
                stored.findings(),
                stored.records()));
    }

    private static SlotStatus slot(World world, int slot) {
        return world.environment.getStatus().slots().get(slot);
    }
}
