package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.SlotStatus;
import dev.cleanroom.api.v1alpha1.OnExit;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The clock of a node decides nothing: it may be wrong by seconds or months. */
class ClocksTest {
    @ParameterizedTest
    @CsvSource({
        "P31D, which is in the future",
        "PT2M, which is in the future",
        "-PT60S, ",
        "-PT10M, before the pod was created",
        "-P31D, before the pod was created"
    })
    void aFailureIsRecordedWhenItIsSeenAndAnImpossibleTimeIsReported(Duration off, String problem) {
        World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 3);
        world.exited("payments-0-1", 3, 60);
        Instant reported = world.now.plus(off);
        world.terminated("payments-0-1").setFinishedAt(reported.toString());
        world.settle();
        assertThat(slot(world).lastFailure()).isEqualTo(world.now.toString());
        assertThat(world.environment.getStatus().lastRun().finishTime()).isEqualTo(world.now.toString());
        assertThat(GateDecisionTest.message(world, "Ready"))
                .startsWith("The last attempt failed: the build exited with 3"
                        + (problem == null
                                ? ". The next"
                                : "; the clock of its node is wrong: it says that the pod ended at " + reported + ", "
                                        + problem + ". The next"));
        assertThat(EnvironmentDecision.decide(world.observed(), world.now).wakeUp())
                .contains(world.now.plusSeconds(10));
    }

    @Test
    void aSuccessReportsAnImpossibleTimeToo() {
        World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 0);
        world.exited("payments-0-1", 0, 60);
        world.terminated("payments-0-1").setFinishedAt("2026-02-01T00:00:00Z");
        world.settle();
        assertThat(world.condition("Finished")).isEqualTo("True/Succeeded");
        assertThat(GateDecisionTest.message(world, "Finished"))
                .isEqualTo(
                        "Pod payments-0-1 exited with 0; the clock of its node is wrong: it says that the pod ended at"
                                + " 2026-02-01T00:00:00Z, which is in the future");
        world.now = world.now.plus(Duration.ofHours(1));
        assertThat(world.settle()).as("its TTL is over").contains("Delete payments-0-1 AttemptCounted");
    }

    @Test
    void aDeletionIsNoFailureOfTheBuildWhateverTheNodesClockSays() {
        for (Duration off : List.of(Duration.ofSeconds(-60), Duration.ZERO, Duration.ofDays(31))) {
            World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 0);
            Instant requested = world.now;
            world.exited("payments-0-1", 143, 5);
            world.terminated("payments-0-1").setFinishedAt(world.now.plus(off).toString());
            world.pods
                    .get("payments-0-1")
                    .getMetadata()
                    .setDeletionTimestamp(requested.plusSeconds(10).toString());
            world.pods.get("payments-0-1").getMetadata().setDeletionGracePeriodSeconds(10L);
            world.settle();
            assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
            assertThat(GateDecisionTest.message(world, "Ready")).contains("somebody deleted the pod");
            assertThat(slot(world).failures()).isZero();
        }
    }

    /** The API server wrote when the pod got its node, the node when it accepted the pod. */
    @ParameterizedTest
    @ValueSource(strings = {"2025-12-01T00:00:00Z", "2026-02-01T00:00:00Z"})
    void maxLifetimeIsMeasuredByTheApiServersClock(String startTime) {
        World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 0);
        Instant bound = world.now.plusSeconds(30);
        var status = world.pods.get("payments-0-1").getStatus();
        status.setStartTime(startTime);
        status.setConditions(List.of(new PodConditionBuilder()
                .withType("PodScheduled")
                .withStatus("True")
                .withLastTransitionTime(bound.toString())
                .build()));
        world.now = bound.plus(Duration.ofHours(4)).minusSeconds(1);
        assertThat(world.settle()).isEmpty();
        world.now = world.now.plusSeconds(1);
        world.settle();
        assertThat(world.condition("Finished")).isEqualTo("True/LifetimeExceeded");
        assertThat(world.environment.getStatus().lastRun().startTime()).isEqualTo(bound.toString());
    }

    /** A former version recorded the time of a node. */
    @Test
    void aRecordedFailureInTheFutureDelaysNothing() {
        World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 3);
        world.exited("payments-0-1", 3, 60);
        world.settle();
        SlotStatus stored = slot(world);
        BackoffTest.slots(
                world,
                List.of(new SlotStatus(
                        0, 2, 1, world.now.plus(Duration.ofDays(31)).toString(), stored.specHash(), null, null, null)));
        assertThat(world.settle()).contains("Create payments-0-2 SlotEmpty");
    }

    @ParameterizedTest
    @CsvSource({"PT60S, 0", "PT3S, 1", "-PT60S, 0"})
    void howLongAnAgentRanIsMeasuredByTheClockOfItsNode(Duration ran, int failures) {
        World world = EnvironmentDecisionTest.started(OnExit.Replace, 1, 0);
        world.exited("payments-0-1", 0, 60);
        world.terminated("payments-0-1").setStartedAt("2026-02-01T00:00:00Z");
        world.terminated("payments-0-1")
                .setFinishedAt(Instant.parse("2026-02-01T00:00:00Z").plus(ran).toString());
        world.settle();
        assertThat(slot(world).failures()).isEqualTo(failures);
    }

    private static SlotStatus slot(World world) {
        return world.environment.getStatus().slots().getFirst();
    }
}
