package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.OnExit;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

/** More replicas than the class allows: as many as it allows are kept, and status reports the field. */
class ReplicaLimitTest {
    private static final String REPLICAS_ALONE = "replicas: 2";

    @Test
    void aPoolThatIsScaledOverTheLimitIsKeptAtTheLimit() {
        World world = running(2, REPLICAS_ALONE);
        replicas(world, 5);
        world.settle();
        assertStalled(world, "LimitExceeded", "spec.replicas: 5 exceeds the limit of class standard, 2");
        assertThat(world.pods).containsOnlyKeys("payments-0-1", "payments-1-1");

        world.runToEnd("payments-0-1", 0);
        world.runToEnd("payments-1-1", 0);
        assertThat(world.pods).as("pods that ended are replaced").containsOnlyKeys("payments-0-2", "payments-1-2");
        assertThat(world.environment.getStatus().replicas()).isEqualTo(2);
        assertStalled(world, "LimitExceeded", "spec.replicas: 5");

        replicas(world, 2);
        world.running("payments-0-2");
        world.running("payments-1-2");
        world.settle();
        assertThat(world.condition("Ready")).isEqualTo("True/Running");
        assertThat(world.condition("Stalled")).isEqualTo("False/NotStalled");
    }

    @Test
    void anEnvironmentThatIsCreatedOverTheLimitGetsThePodsThatTheClassAllows() {
        World world = new World(OnExit.Replace, 5, 0);
        allow(world, REPLICAS_ALONE);
        world.settle();
        assertThat(world.pods).containsOnlyKeys("payments-0-1", "payments-1-1");
        assertStalled(world, "LimitExceeded", "spec.replicas: 5");
        assertThat(world.settle()).as("settled").isEmpty();
    }

    @Test
    void aLimitThatIsLoweredBelowWhatRunsEndsNoBuild() {
        World world = running(3, "replicas: 3");
        allow(world, "replicas: 1");
        world.settle();
        assertThat(world.pods).containsOnlyKeys("payments-0-1", "payments-1-1", "payments-2-1");
        assertStalled(world, "LimitExceeded", "spec.replicas: 3 exceeds the limit of class standard, 1");

        world.runToEnd("payments-0-1", 0);
        world.runToEnd("payments-1-1", 0);
        assertThat(world.pods).as("not replaced while one runs").containsOnlyKeys("payments-2-1");
        world.runToEnd("payments-2-1", 0);
        assertThat(world.pods).as("the one that is allowed").containsOnlyKeys("payments-0-2");

        allow(world, "replicas: 3");
        world.settle();
        assertThat(world.pods).containsOnlyKeys("payments-0-2", "payments-1-2", "payments-2-2");
    }

    @Test
    void aLimitThatIsLoweredDeletesPodsWhoseBuildHasNotStarted() {
        World world = new World(OnExit.Replace, 3, 0);
        allow(world, "replicas: 3");
        world.settle();
        allow(world, "replicas: 1");
        assertThat(world.settle())
                .containsSubsequence("Delete payments-2-1 ScaledDown", "Delete payments-1-1 ScaledDown");
        assertThat(world.pods).containsOnlyKeys("payments-0-1");
    }

    @Test
    void aQuarantinedPodIsReplacedWithinTheLimit() {
        World world = running(5, REPLICAS_ALONE);
        world.pods.get("payments-0-1").getMetadata().getLabels().put("cleanroom.dev/state", "quarantined");
        world.settle();
        assertThat(world.pods).containsOnlyKeys("payments-0-1", "payments-0-2", "payments-1-1");
        assertStalled(world, "LimitExceeded", "spec.replicas: 5");
    }

    @Test
    void whatKeepsAllowedPodsFromStartingIsReportedFirst() {
        World world = running(5, REPLICAS_ALONE);
        world.registryDown = true;
        world.settle();
        assertStalled(world, "LimitExceeded", "spec.replicas: 5");

        world.runToEnd("payments-0-1", 0);
        assertThat(world.condition("Ready")).isEqualTo("False/Unreachable");
        world.registryDown = false;
        world.settle();
        assertThat(world.pods).containsOnlyKeys("payments-0-2", "payments-1-1");
        assertStalled(world, "LimitExceeded", "spec.replicas: 5");
    }

    /** A new pod would exceed each of these, so none is created; those that run were allowed when they started. */
    @Test
    void everyOtherLimitThatIsTightenedKeepsWhatRunsAndReplacesNothing() {
        for (String tightened : new String[] {"maxLifetime: 1h", "platforms: [linux/arm64]"}) {
            World world = running(2, "replicas: 2");
            allow(world, tightened);
            world.settle();
            assertThat(world.pods).as(tightened).containsOnlyKeys("payments-0-1", "payments-1-1");
            assertThat(world.environment.getStatus().replicas()).as(tightened).isEqualTo(2);
            assertThat(world.condition("Ready")).as(tightened).startsWith("False/");

            world.runToEnd("payments-0-1", 0);
            assertThat(world.pods).as(tightened).containsOnlyKeys("payments-1-1");
            assertThat(world.environment.getStatus().replicas()).as(tightened).isEqualTo(1);
        }
    }

    /** @param limits of the class */
    private static World running(int replicas, String limits) {
        World world = new World(OnExit.Replace, replicas, 0);
        allow(world, limits);
        world.settle();
        world.pods.keySet().forEach(world::running);
        world.settle();
        return world;
    }

    private static void replicas(World world, int replicas) {
        world.spec(World.IMAGE, OnExit.Replace, replicas, 0);
    }

    private static void allow(World world, String limits) {
        world.buildClass = Serialization.unmarshal("""
                metadata: {name: standard, annotations: {cleanroom.dev/is-default-class: "true"}}
                spec: {limits: {%s}}
                """.formatted(limits), BuildEnvironmentClass.class);
    }

    private static void assertStalled(World world, String reason, String message) {
        assertThat(world.condition("Ready")).isEqualTo("False/" + reason);
        assertThat(world.environment.getStatus().conditions())
                .filteredOn(condition -> condition.getType().equals("Stalled"))
                .singleElement()
                .satisfies(stalled -> {
                    assertThat(stalled.getStatus()).isEqualTo("True");
                    assertThat(stalled.getReason()).isEqualTo(reason);
                    assertThat(stalled.getMessage()).contains(message);
                });
    }
}
