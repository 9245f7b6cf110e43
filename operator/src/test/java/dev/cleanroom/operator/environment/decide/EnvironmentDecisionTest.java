package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.model.Surroundings.DenyAll;
import dev.cleanroom.operator.environment.status.StatusChange;
import dev.cleanroom.operator.kube.plan.Plan;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Exactly these writes, in this order, and then none: {@link World#settle} ends only on an empty plan. */
class EnvironmentDecisionTest {

    @Test
    void denyAllIsStoredBeforeTheFirstPodAndReadyIsReportedOnce() {
        World world = new World(OnExit.Complete, 1, 0);
        assertThat(world.settle())
                .containsExactly(
                        "Create cleanroom.evidence EvidenceNotEvicted",
                        "Create cleanroom.deny-all DenyAllBeforePods",
                        "Create cleanroom.beacon BeaconBeforePods",
                        "Create payments-0-1 SlotEmpty",
                        "ApplyStatus payments StatusChanged");
        world.running("payments-0-1");
        assertThat(world.settle()).containsExactly("ApplyStatus payments StatusChanged");
        assertThat(world.condition("Ready")).isEqualTo("True/Running");
        assertThat(world.condition("ImageVerified")).isEqualTo("True/Verified");
        assertThat(world.condition("NetworkEnforced")).isEqualTo("Unknown/NotProbed");
    }

    @Test
    void aDenyAllInTheCacheIsConfirmedOnTheServerBeforeTheFirstPod() {
        World world = new World(OnExit.Complete, 1, 0);
        world.denyAll = DenyAll.STORED;
        assertThat(world.settle())
                .containsSubsequence("Confirm cleanroom.deny-all DenyAllBeforePods", "Create payments-0-1 SlotEmpty");
    }

    @Test
    void noPodIsCreatedWhileDenyAllIsTerminating() {
        World world = new World(OnExit.Complete, 1, 0);
        world.denyAll = DenyAll.TERMINATING;
        assertThat(world.settle()).noneMatch(write -> write.startsWith("Create payments"));
        assertThat(world.condition("Ready")).isEqualTo("False/WaitingForPredecessor");
    }

    /** Without deny-all the gate would pass, because the beacon policy closes egress until the pod is quarantined. */
    @Test
    void noPodIsMadeWhileAnotherPolicyHasTheNameOfDenyAll() {
        World world = new World(OnExit.Complete, 1, 0);
        world.denyAll = DenyAll.TAKEN;
        assertThat(world.settle()).noneMatch(write -> write.startsWith("Create payments"));
        assertThat(world.condition("Stalled")).isEqualTo("True/NameTaken");

        world.denyAll = DenyAll.ABSENT;
        assertThat(world.settle())
                .containsSubsequence("Create cleanroom.deny-all DenyAllBeforePods", "Create payments-0-1 SlotEmpty");
    }

    @Test
    void aTaskRunsOnceForEachSpecAndItsPodStaysUntilItsTtl() {
        World world = started(OnExit.Complete, 1, 0);
        world.exited("payments-0-1", 0, 60);
        assertThat(world.settle())
                .containsExactly("Create payments-0-1-pod-2 RunRecorded", "ApplyStatus payments AttemptCounted");
        assertThat(world.condition("Finished")).isEqualTo("True/Succeeded");
        assertThat(world.pods).containsOnlyKeys("payments-0-1");

        world.now = world.now.plus(Duration.ofHours(1));
        assertThat(world.settle()).containsExactly("Delete payments-0-1 AttemptCounted");
    }

    @Test
    void anEditRunsAFinishedTaskAgainUnderTheNextName() {
        World world = started(OnExit.Complete, 1, 0);
        world.exited("payments-0-1", 0, 60);
        world.settle();
        world.spec("registry.example.com/other@sha256:" + "b".repeat(64), OnExit.Complete, 1, 0);
        assertThat(world.settle()).startsWith("Delete payments-0-1 AttemptCounted", "Create payments-0-2 SlotEmpty");
    }

    @Test
    void aFailedBuildIsRetriedAfterItsBackOffAndStalledWhenNoRetryIsLeft() {
        World world = started(OnExit.Complete, 1, 1);
        world.exited("payments-0-1", 3, 60);
        assertThat(world.settle()).contains("ApplyStatus payments AttemptCounted");
        assertThat(world.pods).as("its log can be read while the next waits").containsOnlyKeys("payments-0-1");
        Plan waiting = EnvironmentDecision.decide(world.observed(), world.now);
        assertThat(waiting.wakeUp()).contains(world.now.plusSeconds(10));

        world.now = world.now.plusSeconds(10);
        assertThat(world.settle()).startsWith("Delete payments-0-1 AttemptCounted", "Create payments-0-2 SlotEmpty");
        world.running("payments-0-2");
        world.settle();
        world.exited("payments-0-2", 3, 60);
        world.settle();
        assertThat(world.condition("Finished")).isEqualTo("True/BuildFailed");
        assertThat(world.condition("Ready")).isEqualTo("False/BuildFailed");
        assertThat(world.condition("Stalled")).isEqualTo("True/BuildFailed");
        assertThat(world.environment.getStatus().lastRun().exitCode()).isEqualTo(3);

        world.spec(World.IMAGE, OnExit.Complete, 1, 5);
        world.now = world.now.plus(Duration.ofMinutes(10));
        assertThat(world.settle())
                .as("raising retries starts nothing again")
                .noneMatch(write -> write.startsWith("Create"));
    }

    @Test
    void theResultOfAnEarlierSpecIsNotReportedForTheNextOne() {
        World world = started(OnExit.Complete, 1, 0);
        world.exited("payments-0-1", 0, 60);
        world.settle();
        world.progressHeld = true;
        world.spec("registry.example.com/other@sha256:" + "b".repeat(64), OnExit.Complete, 1, 1);
        world.settle();
        assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
        world.running("payments-0-2");
        world.settle();
        world.exited("payments-0-2", 3, 1);
        world.settle();
        assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
        world.now = world.now.plusSeconds(10);
        assertThat(world.settle()).contains("Create payments-0-3 SlotEmpty");
    }

    @Test
    void readyIsReportedAfterTheRush() {
        World world = new World(OnExit.Complete, 1, 0);
        world.settle();
        world.progressHeld = true;
        world.rush = true;
        world.running("payments-0-1");
        assertThat(world.settle()).as("pods first").isEmpty();
        assertThat(EnvironmentDecision.decide(world.observed(), world.now).wakeUp())
                .contains(world.now.plus(StatusChange.RUSH_LOOKED_AT));
        world.rush = false;
        assertThat(world.settle()).as("the rush is over").containsExactly("ApplyStatus payments StatusChanged");
    }

    @Test
    void aLongRushDelaysReadyOnlyForAWhile() {
        World world = new World(OnExit.Complete, 1, 0);
        world.settle();
        world.rush = true;
        world.running("payments-0-1");
        assertThat(world.settle()).containsExactly("ApplyStatus payments StatusChanged");
    }

    @Test
    void aRushDoesNotDelayTheReportOfAFailure() {
        World world = started(OnExit.Complete, 1, 0);
        world.progressHeld = true;
        world.rush = true;
        world.exited("payments-0-1", 3, 60);
        assertThat(world.settle())
                .containsExactly(
                        "Create payments-0-1-pod-2 RunRecorded",
                        "Create event Stalled",
                        "ApplyStatus payments Stalled");
    }

    @Test
    void aFailedBuildIsReportedWithAnEvent() {
        World world = started(OnExit.Complete, 1, 0);
        world.exited("payments-0-1", 3, 60);
        assertThat(world.settle())
                .containsExactly(
                        "Create payments-0-1-pod-2 RunRecorded",
                        "Create event Stalled",
                        "ApplyStatus payments Stalled");
    }

    @Test
    void anEvictedTaskRunsAgainWithoutAFailureCounted() {
        World world = started(OnExit.Complete, 1, 0);
        world.evicted("payments-0-1");
        world.settle();
        world.now = world.now.plusSeconds(10);
        assertThat(world.settle()).contains("Create payments-0-2 SlotEmpty");
        assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
        assertThat(world.environment.getStatus().slots().getFirst().failures()).isZero();
    }

    @Test
    void anAgentThatEndedIsCountedThenDeletedThenReplaced() {
        World world = started(OnExit.Replace, 1, 0);
        world.exited("payments-0-1", 0, 60);
        assertThat(world.settle())
                .startsWith(
                        "ApplyStatus payments AttemptCounted",
                        "Delete payments-0-1 AttemptCounted",
                        "Create payments-0-2 SlotEmpty");
    }

    @Test
    void anEditReplacesOnlyPodsWhoseBuildHasNotStarted() {
        World world = new World(OnExit.Replace, 2, 0);
        world.settle();
        world.running("payments-0-1");
        world.settle();
        world.spec("registry.example.com/other@sha256:" + "b".repeat(64), OnExit.Replace, 2, 0);
        assertThat(world.settle())
                .contains("Delete payments-1-1 SpecChanged", "Create payments-1-1 SlotEmpty")
                .doesNotContain("Delete payments-0-1 SpecChanged");
    }

    @Test
    void scalingDownDeletesOnlyUnstartedPodsTheHighestSlotFirst() {
        World world = new World(OnExit.Replace, 3, 0);
        world.settle();
        world.running("payments-2-1");
        world.settle();
        world.spec(World.IMAGE, OnExit.Replace, 1, 0);
        assertThat(world.settle()).startsWith("Delete payments-1-1 ScaledDown", "Delete payments-0-1 ScaledDown");
        assertThat(world.pods).containsOnlyKeys("payments-2-1");
    }

    @Test
    void inAClosedNamespaceNothingIsCreatedAndStatusShowsTheCommandThatOpensIt() {
        World world = new World(OnExit.Complete, 1, 0);
        world.namespaceOpen = false;
        assertThat(world.settle()).containsExactly("Create event Stalled", "ApplyStatus payments Stalled");
        assertThat(world.environment.getStatus().conditions().getFirst().getMessage())
                .contains("kubectl label namespace team cleanroom.dev/builds=enabled");
    }

    /** Counted as of now, they would stop replacement for as long as they are held, and each check would report a later end. */
    @Test
    void suspectsOfAFormerEnvironmentDoNotCountAgainstTheRebuildLimit() {
        World world = new World(OnExit.Replace, 1, 0);
        for (int attempt = 1; attempt <= 4; attempt++) {
            Pod pod = new PodBuilder(started(OnExit.Replace, 1, 0).pods.get("payments-0-1"))
                    .editMetadata()
                    .withName("payments-7-" + attempt)
                    .withUid("former-" + attempt)
                    .addToLabels(CleanroomApi.STATE_LABEL, "quarantined")
                    .endMetadata()
                    .build();
            world.pods.put("payments-7-" + attempt, pod);
        }
        assertThat(world.settle()).noneMatch(write -> write.endsWith("SlotEmpty"));
        assertThat(world.condition("Stalled")).isEqualTo("True/RebuildLimitReached");

        world.pods
                .values()
                .forEach(pod -> world.formerSuspects.add(pod.getMetadata().getUid()));
        assertThat(world.settle()).contains("Create payments-0-1 SlotEmpty");
    }

    @Test
    void aStatusThatCannotBeReadIsReportedWithAnEventAndNotOverwritten() {
        World world = started(OnExit.Complete, 1, 0);
        world.exited("payments-0-1", 3, 60);
        BuildEnvironmentStatus stored = world.environment.getStatus();
        world.environment.markStatusUnreadable("status.slots[0].attempt: not a number");
        assertThat(world.settle()).containsExactly("Create event StatusUnreadable");
        assertThat(world.environment.getStatus()).isSameAs(stored);
        assertThat(world.pods).containsOnlyKeys("payments-0-1");
    }

    static World started(OnExit onExit, int replicas, int retries) {
        World world = new World(onExit, replicas, retries);
        world.settle();
        world.running("payments-0-1");
        world.settle();
        return world;
    }
}
