package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

/** When the account dies whose tokens a pod under suspicion has: after that pod is cut off, before another takes its place. */
class RevocationTest {
    private static final String REVOKED = "Delete cleanroom-payments IdentityRevoked";

    private final World world = running();

    @Test
    void theAccountOfASuspectIsKeptUntilThePodIsQuarantined() {
        state("payments-0-1", CleanroomApi.STATE_SUSPECT);
        assertThat(world.settle()).noneMatch(write -> write.contains("cleanroom-payments"));

        state("payments-0-1", CleanroomApi.STATE_QUARANTINED);
        assertThat(world.settle())
                .containsSubsequence(
                        REVOKED,
                        "ApplyStatus payments AttemptCounted",
                        "Create cleanroom-payments IdentityWanted",
                        "Create payments-0-2 SlotEmpty");
    }

    @Test
    void noPodIsCreatedWithTheAccountOfASuspect() {
        state("payments-0-1", CleanroomApi.STATE_SUSPECT);
        world.exited("payments-1-1", 0, 60);
        assertThat(world.settle())
                .startsWith("ApplyStatus payments AttemptCounted", "Delete payments-1-1 AttemptCounted")
                .noneMatch(write -> write.endsWith("SlotEmpty"));
        assertThat(world.condition("Ready")).isEqualTo("False/UnderInvestigation");

        state("payments-0-1", CleanroomApi.STATE_QUARANTINED);
        assertThat(world.settle())
                .startsWith(REVOKED)
                .contains("Create payments-0-2 SlotEmpty", "Create payments-1-2 SlotEmpty");
    }

    @Test
    void theAccountIsRevokedWhenTheLastSuspectIsQuarantined() {
        state("payments-0-1", CleanroomApi.STATE_QUARANTINED);
        state("payments-1-1", CleanroomApi.STATE_SUSPECT);
        assertThat(world.settle()).noneMatch(write -> write.contains("cleanroom-payments"));

        state("payments-1-1", CleanroomApi.STATE_QUARANTINED);
        assertThat(world.settle()).startsWith(REVOKED);
    }

    @Test
    void anEditWithoutIdentityDoesNotRevokeTheAccountSooner() {
        state("payments-0-1", CleanroomApi.STATE_SUSPECT);
        state("payments-1-1", CleanroomApi.STATE_SUSPECT);
        world.spec(World.IMAGE, OnExit.Replace, 2, 0);
        assertThat(world.settle()).noneMatch(write -> write.contains("cleanroom-payments"));

        state("payments-0-1", CleanroomApi.STATE_QUARANTINED);
        state("payments-1-1", CleanroomApi.STATE_QUARANTINED);
        assertThat(world.settle()).startsWith(REVOKED).contains("Create payments-0-2 SlotEmpty");
    }

    private void state(String pod, String state) {
        world.pods.get(pod).getMetadata().getLabels().put(CleanroomApi.STATE_LABEL, state);
    }

    /** Two agents with an identity. */
    private static World running() {
        World world = new World(OnExit.Replace, 2, 0);
        world.environment.setSpec(
                Manifests.environment("""
                        spec: {image: "%s", command: [build], onExit: Replace, replicas: 2, maxLifetime: 4h,
                          identity: {audiences: [sts.example.com]}}
                        """.formatted(World.IMAGE)).getSpec());
        world.buildClass = Serialization.unmarshal("""
                metadata: {name: standard, annotations: {cleanroom.dev/is-default-class: "true"}}
                spec: {identity: {allowed: {audiences: [sts.example.com]}}}
                """, BuildEnvironmentClass.class);
        world.settle();
        world.running("payments-0-1");
        world.running("payments-1-1");
        world.settle();
        return world;
    }
}
