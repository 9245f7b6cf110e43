package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.SlotStatus;
import dev.cleanroom.api.v1alpha1.OnExit;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** An attempt that does not count says why, and the next one waits longer each time. */
class UncountedTest {
    private static final int MOST_UNCLEAR = 10;

    private String messageOfTheWait = "";

    @Test
    void eachWaitsTwiceAsLongAtMostFiveMinutesAndTheConditionHasTheCause() {
        World world = new World(OnExit.Complete, 1, 0);
        world.settle();
        for (long wait : List.of(10, 20, 40, 80, 160, 300, 300)) {
            assertThat(waitAfter(world, World::evicted)).isEqualTo(Duration.ofSeconds(wait));
            assertThat(messageOfTheWait)
                    .isEqualTo(
                            "The last attempt failed: the cluster ended the pod (EvictionByEvictionAPI: Eviction API:"
                                    + " evicting); this does not count against spec.retries. The next attempt waits, longer"
                                    + " after each failure, at most 5 minutes");
        }
        assertThat(slot(world).uncounted()).isEqualTo(7);
        assertThat(slot(world).failures()).isZero();
        assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
    }

    @Test
    void aSuccessAFailureOfItsOwnAnEditAndARequestStartAgain() {
        World world = new World(OnExit.Complete, 1, 9);
        world.settle();
        waitAfter(world, World::evicted);
        assertThat(waitAfter(world, World::evicted)).isEqualTo(Duration.ofSeconds(20));
        assertThat(waitAfter(world, (it, pod) -> it.exited(pod, 3, 60))).isEqualTo(Duration.ofSeconds(10));
        assertThat(slot(world).uncounted()).isNull();
        assertThat(waitAfter(world, World::evicted))
                .as("after a failure that counts")
                .isEqualTo(Duration.ofSeconds(20));

        world.annotate("cleanroom.dev/rerun", "monday");
        world.evicted(current(world));
        assertThat(world.settle()).as("another request does not wait").anyMatch(write -> write.endsWith("SlotEmpty"));
        assertThat(waitAfter(world, World::evicted)).isEqualTo(Duration.ofSeconds(10));

        world.exited(current(world), 0, 60);
        world.settle();
        assertThat(slot(world).uncounted()).isNull();
        assertThat(slot(world).message()).isNull();
        assertThat(world.condition("Finished")).isEqualTo("True/Succeeded");
    }

    @Test
    void whatNothingExplainsCountsWhenItHappensTooOftenInARow() {
        World world = new World(OnExit.Complete, 1, 1);
        world.settle();
        for (int i = 0; i < MOST_UNCLEAR; i++) {
            waitAfter(world, UncountedTest::lost);
            assertThat(slot(world).failures()).isZero();
            assertThat(messageOfTheWait)
                    .contains(
                            "the node lost the build, as after a restart of the node (Unknown, exit code 255); this does"
                                    + " not count against spec.retries, up to 10 times in a row.");
        }
        waitAfter(world, UncountedTest::lost);
        assertThat(slot(world).failures()).isEqualTo(1);
        assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
        lost(world, current(world));
        world.settle();
        assertThat(world.condition("Finished")).isEqualTo("True/BuildFailed");
        assertThat(GateDecisionTest.message(world, "Finished"))
                .endsWith(
                        ": the node lost the build, as after a restart of the node (Unknown, exit code 255); it counts as"
                                + " a failure of the build, because it happened more than 10 times in a row");
    }

    @Test
    void aLimitOfThePodCountsAtOnce() {
        World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 0);
        world.exited("payments-0-1", 137, 60);
        world.pods.get("payments-0-1").getStatus().setReason("Evicted");
        world.pods
                .get("payments-0-1")
                .getStatus()
                .setMessage("Usage of EmptyDir volume \"tmp-build\" exceeds the limit \"1Gi\". ");
        world.settle();
        assertThat(world.condition("Stalled")).isEqualTo("True/BuildFailed");
        assertThat(GateDecisionTest.message(world, "Stalled"))
                .startsWith(
                        "Pod payments-0-1: the kubelet evicted the pod because it exceeded a limit of its own (Evicted:"
                                + " Usage of EmptyDir volume \"tmp-build\" exceeds the limit \"1Gi\".): raise spec.tmp.size. It"
                                + " runs again");
        assertThat(world.environment.getStatus().lastRun().exitCode()).isEqualTo(137);
    }

    @Test
    void aDeadlineOfTheKubeletEndsTheTaskAndSaysWhose() {
        World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 3);
        world.exited("payments-0-1", 137, 60);
        world.pods.get("payments-0-1").getStatus().setReason("DeadlineExceeded");
        world.settle();
        assertThat(world.condition("Finished")).isEqualTo("True/LifetimeExceeded");
        assertThat(GateDecisionTest.message(world, "Finished"))
                .isEqualTo(
                        "Pod payments-0-1: the kubelet ended it at activeDeadlineSeconds, which Cleanroom does not set"
                                + " (DeadlineExceeded)");
    }

    /** An agent has no end of its own after which the count could start again. */
    @Test
    void anAgentThatRanForLongDoesNotWaitForWhatEndedItLongAgo() {
        World world = new World(OnExit.Replace, 1, 0);
        world.settle();
        for (long wait : List.of(10, 20, 40)) {
            assertThat(waitAfter(world, World::evicted)).isEqualTo(Duration.ofSeconds(wait));
        }
        world.running(current(world));
        world.settle();
        world.now = world.now.plus(Counting.AGENT_FORGETS);
        assertThat(waitAfter(world, World::evicted)).isEqualTo(Duration.ofSeconds(10));
        assertThat(slot(world).uncounted()).isEqualTo(1);
        assertThat(messageOfTheWait).contains("Eviction API: evicting)").doesNotContain("retries");
    }

    /** It has no retries that could be used up. */
    @Test
    void anAgentThatItsNodeLosesAgainAndAgainNeverFailsByItself() {
        World world = new World(OnExit.Replace, 1, 0);
        world.settle();
        for (int i = 0; i <= MOST_UNCLEAR; i++) {
            waitAfter(world, UncountedTest::lost);
        }
        assertThat(slot(world).failures()).isZero();
        assertThat(slot(world).uncounted()).isEqualTo(MOST_UNCLEAR + 1);
    }

    @Test
    void aStatusOfAFormerVersionStaysAsItIs() {
        World world = EnvironmentDecisionTest.started(OnExit.Replace, 1, 0);
        world.exited("payments-0-1", 0, 60);
        world.settle();
        world.running("payments-0-2");
        world.settle();
        SlotStatus stored = slot(world);
        assertThat(stored.uncounted()).isNull();
        assertThat(stored.message()).isNull();
        assertThat(world.settle()).isEmpty();
    }

    /** Ends the current pod in this way, and returns how long the next one waited. */
    private Duration waitAfter(World world, BiConsumer<World, String> end) {
        String pod = current(world);
        end.accept(world, pod);
        world.settle();
        assertThat(world.condition("Ready")).isEqualTo("False/BackingOff");
        messageOfTheWait = GateDecisionTest.message(world, "Ready");
        Instant ended = world.now;
        Instant due =
                EnvironmentDecision.decide(world.observed(), ended).wakeUp().orElseThrow();
        world.now = due.minusSeconds(1);
        assertThat(world.settle()).noneMatch(write -> write.endsWith("SlotEmpty"));
        world.now = due;
        assertThat(world.settle()).anyMatch(write -> write.endsWith("SlotEmpty"));
        return Duration.between(ended, due);
    }

    private static void lost(World world, String pod) {
        world.exited(pod, 255, 60);
        world.terminated(pod).setReason("Unknown");
    }

    private static String current(World world) {
        return world.pods.keySet().stream()
                .max(Comparator.comparingInt(UncountedTest::attempt))
                .orElseThrow();
    }

    private static int attempt(String pod) {
        return Integer.parseInt(pod.substring(pod.lastIndexOf('-') + 1));
    }

    private static SlotStatus slot(World world) {
        return world.environment.getStatus().slots().getFirst();
    }
}
