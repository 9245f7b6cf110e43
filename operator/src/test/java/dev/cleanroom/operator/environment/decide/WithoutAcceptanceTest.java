package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.model.Surroundings.DenyAll;
import dev.cleanroom.operator.lab.Manifests;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is done for pods that run while nothing new may be made: only what takes something away, or keeps what holds. */
class WithoutAcceptanceTest {
    private static final String TAG = "registry.example.com/builders/maven:3.9";

    @Test
    void removedEgressIsRevokedEvenIfTheImageIsNotAccepted() {
        for (String why : new String[] {"registry down", "image rejected", "namespace closed"}) {
            World world = withEgress(443);
            world.registryDown = why.equals("registry down");
            world.namespaceOpen = !why.equals("namespace closed");
            world.spec(why.equals("image rejected") ? TAG : World.IMAGE, OnExit.Replace, 1, 0);
            assertThat(world.settle()).as(why).startsWith("Delete cleanroom-payments NothingAllowed");
            assertThat(world.egressPolicy).isNull();
            assertThat(world.pods).containsKey("payments-0-1");
        }
    }

    @Test
    void egressIsNotWidenedWhileTheImageIsNotVerified() {
        World world = withEgress(443);
        world.registryDown = true;
        egress(world, 8443);
        assertThat(world.settle()).noneMatch(write -> write.contains("cleanroom-payments"));
        world.egressPolicy = null;
        assertThat(world.settle()).noneMatch(write -> write.contains("cleanroom-payments"));
    }

    @Test
    void aMissingDenyAllIsCreatedAgainForRunningPods() {
        for (boolean registryDown : new boolean[] {false, true}) {
            World world = EnvironmentDecisionTest.started(OnExit.Replace, 1, 0);
            world.registryDown = registryDown;
            world.denyAll = DenyAll.ABSENT;
            assertThat(world.settle()).startsWith("Create cleanroom.deny-all DenyAllBeforePods");
            world.denyAll = DenyAll.STORED;
            assertThat(world.settle()).as("no request where a cache shows it").isEmpty();
        }
    }

    @Test
    void aMissingDenyAllIsCreatedAgainForAQuarantinedPod() {
        World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 0);
        world.pods.get("payments-0-1").getMetadata().getLabels().put("cleanroom.dev/state", "quarantined");
        world.spec(TAG, OnExit.Complete, 1, 0);
        world.settle();
        world.denyAll = DenyAll.ABSENT;
        assertThat(world.settle()).startsWith("Create cleanroom.deny-all DenyAllBeforePods");
    }

    @Test
    void aTaskThatEndedInQuarantineStaysFinishedEvenIfTheImageIsNotAccepted() {
        for (String why : new String[] {"registry down", "image rejected", "write refused"}) {
            World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 0);
            never(world, World.IMAGE, 0);
            world.pods.get("payments-0-1").getMetadata().getLabels().put("cleanroom.dev/state", "quarantined");
            world.settle();
            assertThat(world.condition("Finished")).isEqualTo("True/Quarantined");

            world.registryDown = why.equals("registry down");
            if (why.equals("image rejected")) {
                never(world, TAG, 0);
            }
            if (why.equals("write refused")) {
                world.evidenceBudget = false;
                world.refused.add("cleanroom.evidence");
            }
            world.settle();
            assertThat(world.condition("Finished")).as(why).isEqualTo("True/Quarantined");
        }
    }

    @Test
    void aRetryThatEndedInQuarantineIsReportedAsQuarantinedNotAsFailed() {
        World world = EnvironmentDecisionTest.started(OnExit.Complete, 1, 1);
        never(world, World.IMAGE, 1);
        world.exited("payments-0-1", 3, 60);
        world.settle();
        world.now = world.now.plusSeconds(10);
        world.settle();
        world.pods.get("payments-0-2").getMetadata().getLabels().put("cleanroom.dev/state", "quarantined");
        world.settle();
        assertThat(world.settle()).as("reported once").isEmpty();
        assertThat(world.condition("Finished")).isEqualTo("True/Quarantined");
        assertThat(world.environment.getStatus().conditions())
                .filteredOn(condition -> condition.getType().equals("Finished"))
                .singleElement()
                .satisfies(finished -> assertThat(finished.getMessage()).contains("response.rebuild: Never"));
    }

    @Test
    void aPodBeyondItsLifetimeIsDeletedEvenIfAnotherWriteIsRefused() {
        World world = withEgress(443);
        egress(world, 8443);
        world.refused.add("cleanroom-payments");
        world.now = world.now.plus(Duration.ofHours(5));
        assertThat(world.settle()).contains("Delete payments-0-1 AttemptCounted");
        assertThat(world.condition("Stalled")).isEqualTo("True/WriteRefused");
        assertThat(world.pods).as("nothing is made").isEmpty();
    }

    @Test
    void aRefusedDeletionOfOnePodDoesNotKeepAnother() {
        World world = new World(OnExit.Replace, 2, 0);
        world.settle();
        world.running("payments-0-1");
        world.running("payments-1-1");
        world.settle();
        world.refused.add("payments-0-1");
        world.now = world.now.plus(Duration.ofHours(5));
        assertThat(world.settle()).contains("Delete payments-1-1 AttemptCounted");
        assertThat(world.condition("Stalled")).isEqualTo("True/WriteRefused");
        assertThat(world.pods).containsOnlyKeys("payments-0-1");
    }

    private static World withEgress(int port) {
        World world = new World(OnExit.Replace, 1, 0);
        egress(world, port);
        world.settle();
        world.running("payments-0-1");
        world.settle();
        assertThat(world.egressPolicy).isNotNull();
        return world;
    }

    private static void egress(World world, int port) {
        world.environment.setSpec(
                Manifests.environment("""
                        spec: {image: "%s", command: [build], onExit: Replace, replicas: 1, maxLifetime: 4h,
                          egress: [{name: store, cidr: 10.20.0.0/16, ports: [%d]}]}
                        """.formatted(World.IMAGE, port)).getSpec());
    }

    private static void never(World world, String image, int retries) {
        world.environment.setSpec(
                Manifests.environment("""
                        spec: {image: "%s", command: [build], onExit: Complete, replicas: 1, retries: %d, maxLifetime: 4h,
                          ttlAfterFinished: 1h, response: {rebuild: Never}}
                        """.formatted(image, retries)).getSpec());
    }
}
