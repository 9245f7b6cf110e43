package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.model.Incident;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.pod.BuildPod;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code afterFinished: Delete}: the environment goes after its pods, and never while something is investigated. */
class ExpiryTest {
    private static final String DELETED = "Delete payments TtlExpired";

    @Test
    void aFinishedTaskIsDeletedAfterItsPodWhenItsTtlIsOver() {
        World world = finished("Delete", 0);
        assertThat(EnvironmentDecision.decide(world.observed(), world.now).wakeUp())
                .contains(world.now.plus(Duration.ofHours(1)));
        world.now = world.now.plus(Duration.ofMinutes(59));
        assertThat(world.settle()).isEmpty();
        world.now = world.now.plus(Duration.ofMinutes(1));
        assertThat(world.settle()).containsExactly("Delete payments-0-1 AttemptCounted", DELETED);
    }

    @Test
    void theDeletionCarriesTheObservedUidAndResourceVersion() {
        World world = finished("Delete", 0);
        world.pods.clear();
        world.environment.getMetadata().setResourceVersion("77");
        world.now = world.now.plus(Duration.ofHours(1));
        assertThat(EnvironmentDecision.decide(world.observed(), world.now).writes())
                .singleElement()
                .isInstanceOfSatisfying(
                        Write.Delete.class,
                        delete -> assertThat(delete.precondition()).isEqualTo(new Write.Precondition("uid-1", "77")));
    }

    @Test
    void itIsKeptIfAfterFinishedIsKeepOrAbsent() {
        for (String afterFinished : new String[] {"Keep", "null"}) {
            World world = finished(afterFinished, 0);
            world.now = world.now.plus(Duration.ofDays(10));
            assertThat(world.settle()).containsExactly("Delete payments-0-1 AttemptCounted");
        }
    }

    @Test
    void aFailedTaskIsDeletedToo() {
        World world = finished("Delete", 3);
        assertThat(world.condition("Finished")).isEqualTo("True/BuildFailed");
        world.now = world.now.plus(Duration.ofHours(1));
        assertThat(world.settle()).endsWith(DELETED);
    }

    @Test
    void aFinishedTaskInANamespaceThatWasClosedIsDeletedToo() {
        World world = finished("Delete", 0);
        world.namespaceOpen = false;
        world.now = world.now.plus(Duration.ofHours(1));
        assertThat(world.settle()).endsWith(DELETED);
    }

    @Test
    void aRerunThatIsRequestedInTimeRunsBeforeTheDeletion() {
        World world = finished("Delete", 0);
        world.now = world.now.plus(Duration.ofHours(1));
        RerunTest.ask(world, "monday");
        assertThat(world.settle()).contains("Create payments-0-2 SlotEmpty").doesNotContain(DELETED);
        world.runToEnd("payments-0-2", 0);
        assertThat(world.settle()).isEmpty();
        world.now = world.now.plus(Duration.ofHours(1));
        assertThat(world.settle()).endsWith(DELETED);
    }

    @Test
    void itIsKeptWhileAnIncidentIsOpen() {
        World world = finished("Delete", 0);
        world.incidents.add(incident(world, false));
        world.now = world.now.plus(Duration.ofHours(2));
        assertThat(world.settle()).doesNotContain(DELETED);
        world.incidents.set(0, incident(world, true));
        assertThat(world.settle()).containsExactly(DELETED);
    }

    @Test
    void itIsKeptWhileAPodIsQuarantined() {
        World world = finished("Delete", 0);
        world.pods.get("payments-0-1").getMetadata().getLabels().put("cleanroom.dev/state", "quarantined");
        world.now = world.now.plus(Duration.ofHours(2));
        assertThat(world.settle()).doesNotContain(DELETED, "Delete payments-0-1 AttemptCounted");
        assertThat(world.condition("Quarantined")).isEqualTo("True/UnderInvestigation");
    }

    @Test
    void itIsKeptWhileABuildThatIsNoLongerWantedStillRuns() {
        World world = finished("Delete", 0);
        RerunTest.ask(world, "monday");
        world.settle();
        world.running("payments-0-2");
        world.settle();
        world.environment.getMetadata().setAnnotations(Map.of());
        world.now = world.now.plus(Duration.ofHours(2));
        assertThat(world.settle()).doesNotContain(DELETED);
        assertThat(world.condition("Finished")).isEqualTo("True/Succeeded");
    }

    @Test
    void aTaskThatEndedInQuarantineIsDeletedAfterItsIncidentIsClosed() {
        World world = task("Delete");
        RerunTest.rebuild(world, "Never");
        world.settle();
        world.running("payments-0-1");
        world.settle();
        world.pods.get("payments-0-1").getMetadata().getLabels().put("cleanroom.dev/state", "quarantined");
        world.incidents.add(incident(world, false));
        world.settle();
        assertThat(world.condition("Finished")).isEqualTo("True/Quarantined");

        world.now = world.now.plus(Duration.ofHours(2));
        assertThat(world.settle()).doesNotContain(DELETED);
        world.pods.clear();
        world.incidents.set(0, incident(world, true));
        assertThat(world.settle()).contains(DELETED);
    }

    @Test
    void aRefusedDeletionIsReportedAndNotRepeatedInTheSameRun() {
        World world = finished("Delete", 0);
        world.pods.clear();
        world.now = world.now.plus(Duration.ofHours(1));
        Write deletion =
                EnvironmentDecision.decide(world.observed(), world.now).writes().getFirst();
        assertThat(deletion.reason()).isEqualTo("TtlExpired");
        world.refuse(deletion);
        assertThat(EnvironmentDecision.decide(world.observed(), world.now).writes())
                .extracting(Write::reason)
                .contains("Stalled")
                .doesNotContain("TtlExpired");
    }

    @Test
    void anAgentIsNeverDeleted() {
        World world = task("Delete");
        world.environment.setSpec(
                Manifests.environment("""
                spec: {image: "%s", command: [build], onExit: Replace, replicas: 0, afterFinished: Delete}
                """.formatted(World.IMAGE)).getSpec());
        world.settle();
        assertThat(world.condition("Ready")).isEqualTo("True/ScaledToZero");
        world.now = world.now.plus(Duration.ofDays(10));
        assertThat(world.settle()).isEmpty();
    }

    private static Incident incident(World world, boolean closed) {
        return new Incident("payments-0-1-5f0c2a11", "pod-1", new BuildPod.SlotAttempt(0, 1), world.now, closed);
    }

    private static World finished(String afterFinished, int exitCode) {
        World world = task(afterFinished);
        world.settle();
        world.runToEnd("payments-0-1", exitCode);
        return world;
    }

    private static World task(String afterFinished) {
        World world = new World(OnExit.Complete, 1, 0);
        world.environment.setSpec(
                Manifests.environment("""
                spec: {image: "%s", command: [build], onExit: Complete, replicas: 1, retries: 0, maxLifetime: 4h,
                  ttlAfterFinished: 1h, afterFinished: %s}
                """.formatted(World.IMAGE, afterFinished)).getSpec());
        return world;
    }
}
