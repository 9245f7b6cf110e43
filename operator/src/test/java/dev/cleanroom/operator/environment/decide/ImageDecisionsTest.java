package dev.cleanroom.operator.environment.decide;

import static dev.cleanroom.operator.environment.decide.EnvironmentDecisionTest.started;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.ImageStatus;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.TriggerSource;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.model.Incident;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.BuildPod;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a decision on an image does to the environment, and a denial to what runs it. */
class ImageDecisionsTest {

    @Test
    void nothingIsCreatedForARejectedImage() {
        World world = new World(OnExit.Complete, 1, 0);
        world.spec("registry.example.com/builders/maven:3.9", OnExit.Complete, 1, 0);
        assertThat(world.settle()).containsExactly("Create event Stalled", "ApplyStatus payments Stalled");
        assertThat(world.condition("Ready")).isEqualTo("False/NoMatchingPolicy");
        assertThat(world.condition("Stalled")).isEqualTo("True/NoMatchingPolicy");
    }

    @Test
    void aPodWithADeniedImageGetsOneIncidentBeforeAnyOtherWrite() {
        World world = started(OnExit.Replace, 1, 0);
        Pod pod = world.pods.get("payments-0-1");
        pod.getMetadata().setUid("0a1b2c3d-0000");
        world.denied = Map.of("sha256:" + "a".repeat(64), "TrustPolicy fleet denies it");
        Plan plan = EnvironmentDecision.decide(world.observed(), world.now);
        assertThat(plan.writes()).singleElement().isInstanceOfSatisfying(Write.Create.class, create -> {
            assertThat(create.reason()).isEqualTo("ImageDenied");
            assertThat(create.object()).isInstanceOfSatisfying(BuildIncident.class, incident -> {
                assertThat(incident.getSpec().subject().name()).isEqualTo("payments-0-1");
                assertThat(incident.getSpec().trigger().source()).isEqualTo(TriggerSource.Indicator);
                assertThat(incident.getSpec().trigger().reason()).isEqualTo("TrustPolicy fleet denies it");
            });
        });

        String uid = pod.getMetadata().getUid();
        world.incidents.add(new Incident("i", uid, new BuildPod.SlotAttempt(0, 1), world.now, false));
        assertThat(EnvironmentDecision.decide(world.observed(), world.now).writes())
                .noneMatch(write -> write.reason().equals("ImageDenied"));
    }

    @Test
    void aRunningPodStaysReadyWhileTheRegistryIsDown() {
        World world = started(OnExit.Replace, 1, 0);
        ImageStatus stored = world.environment.getStatus().image();
        assertThat(stored).isNotNull();
        world.registryDown = true;
        world.settle();
        assertThat(world.condition("ImageVerified")).isEqualTo("Unknown/Unreachable");
        assertThat(world.condition("Ready")).isEqualTo("True/Running");
        assertThat(world.environment.getStatus().image()).isEqualTo(stored);
        assertThat(world.pods).containsOnlyKeys("payments-0-1");

        world.now = world.now.plusSeconds(3600);
        world.registryDown = false;
        world.settle();
        assertThat(world.condition("ImageVerified")).isEqualTo("True/Verified");
        assertThat(world.environment.getStatus().image()).isEqualTo(stored);
    }

    @Test
    void aPodWithAnotherImageThanTheDeniedOneGetsNoIncident() {
        World world = started(OnExit.Replace, 1, 0);
        world.denied = Map.of("sha256:" + "b".repeat(64), "TrustPolicy fleet denies it");
        assertThat(EnvironmentDecision.decide(world.observed(), world.now).writes())
                .isEmpty();
    }
}
