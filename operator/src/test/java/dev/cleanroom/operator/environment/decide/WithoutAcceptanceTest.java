package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.lab.Manifests;
import org.junit.jupiter.api.Test;

/** What is done for pods that run while nothing new may be made: only what takes something away, or keeps what holds. */
class WithoutAcceptanceTest {
    private static final String TAG = "registry.example.com/builders/maven:3.9";

    @Test
    void egressThatIsTakenOutIsTakenAwayWhateverIsKnownOfTheImage() {
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
    void egressIsNotWidened() {
        World world = withEgress(443);
        world.registryDown = true;
        egress(world, 8443);
        assertThat(world.settle()).noneMatch(write -> write.contains("cleanroom-payments"));
        world.egressPolicy = null;
        assertThat(world.settle()).noneMatch(write -> write.contains("cleanroom-payments"));
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
}
