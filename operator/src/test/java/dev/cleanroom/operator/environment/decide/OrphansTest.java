package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which objects are deleted because no environment owns them, and which are left alone whatever their owner. */
class OrphansTest {
    private static final String LABELS = "cleanroom.dev/environment: payments, cleanroom.dev/component: any";
    private static final String ACTIVE = "cleanroom.dev/environment: payments, cleanroom.dev/state: active";
    private static final Optional<BuildEnvironment> GONE = Optional.empty();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Pod            | payments-0-1       | cleanroom.dev/environment: payments, cleanroom.dev/state: active | payments",
                "NetworkPolicy  | cleanroom-payments | cleanroom.dev/environment: payments                              | payments",
                "NetworkPolicy  | cleanroom-payments | cleanroom.dev/component: egress                                  | payments",
                "ServiceAccount | cleanroom-payments | cleanroom.dev/component: identity                                | payments",
                "NetworkPolicy  | cleanroom-payments | app: web                                                         | ''",
                "NetworkPolicy  | cleanroom.deny-all | cleanroom.dev/component: deny-all                                | ''",
                "NetworkPolicy  | cleanroom.beacon   | cleanroom.dev/component: beacon                                  | ''",
                "NetworkPolicy  | team               | cleanroom.dev/environment: payments                              | ''",
                "NetworkPolicy  | cleanroom-         | cleanroom.dev/environment: payments                              | ''",
                "ServiceAccount | default            | cleanroom.dev/environment: payments                              | ''",
                "Pod            | web-0-1            | cleanroom.dev/environment: payments, cleanroom.dev/state: active | ''",
                "Pod            | payments-a1b2c     | cleanroom.dev/environment: payments, cleanroom.dev/state: active | ''",
                "Pod            | payments-0-1       | cleanroom.dev/state: active                                      | ''",
            })
    void nameAndLabelSayWhoseItIs(String kind, String name, String labels, String environment) {
        assertThat(Orphans.environmentOf(object(kind, name, labels, "")))
                .isEqualTo(Optional.of(environment).filter(it -> !it.isEmpty()));
    }

    @Test
    void withoutItsEnvironmentAsOwnerItIsAnOrphan() {
        for (HasMetadata unowned : new HasMetadata[] {
            pod(ACTIVE, ""), object("NetworkPolicy", "cleanroom-payments", LABELS, ""), account("")
        }) {
            assertThat(Orphans.isOrphan(unowned, GONE)).as("gone").isTrue();
            assertThat(Orphans.isOrphan(unowned, environment("uid-1")))
                    .as("created again, or its owner reference was removed")
                    .isTrue();
        }
        for (HasMetadata owned : new HasMetadata[] {pod(ACTIVE, owner("uid-1")), account(owner("uid-1"))}) {
            assertThat(Orphans.isOrphan(owned, environment("uid-1"))).isFalse();
            assertThat(Orphans.isOrphan(owned, environment("uid-2")))
                    .as("another of the name")
                    .isTrue();
            assertThat(Orphans.isOrphan(owned, GONE)).isTrue();
        }
    }

    @Test
    void aReferenceThatDoesNotControlIsNoOwner() {
        String reference = "ownerReferences: [{uid: uid-1, kind: BuildEnvironment, name: payments}]";
        assertThat(Orphans.isOrphan(account(reference), environment("uid-1"))).isTrue();
    }

    @Test
    void evidenceIsNoOrphanWhateverItsOwner() {
        for (String state : new String[] {"suspect", "quarantined", "unknown"}) {
            HasMetadata held = pod("cleanroom.dev/environment: payments, cleanroom.dev/state: " + state, "");
            assertThat(Orphans.isOrphan(held, GONE)).as(state).isFalse();
            assertThat(Orphans.isOrphan(held, environment("uid-1"))).as(state).isFalse();
        }
        assertThat(Orphans.isOrphan(pod("cleanroom.dev/environment: payments", ""), GONE))
                .as("its state was removed")
                .isFalse();
        assertThat(Orphans.isOrphan(pod(ACTIVE, "annotations: {cleanroom.dev/quarantine: odd egress}"), GONE))
                .as("somebody asks for its quarantine")
                .isFalse();
    }

    @Test
    void whatIsBeingDeletedIsNotDeletedAgain() {
        assertThat(Orphans.isOrphan(pod(ACTIVE, "deletionTimestamp: 2026-01-01T00:00:00Z"), GONE))
                .isFalse();
    }

    /** Somebody's finalizer may keep the environment, and the garbage collector waits for the environment to be gone. */
    @Test
    void anEnvironmentThatIsBeingDeletedEndsItsPodsAndKeepsWhatTheyNeedMeanwhile() {
        Optional<BuildEnvironment> leaving = environment("uid-1");
        leaving.orElseThrow().getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        assertThat(Orphans.isOrphan(pod(ACTIVE, owner("uid-1")), leaving)).isTrue();
        assertThat(Orphans.isOrphan(account(owner("uid-1")), leaving)).isFalse();
    }

    @Test
    void aSuspectKeepsItsNetworkAndItsTokens() {
        HasMetadata suspect = pod("cleanroom.dev/environment: payments, cleanroom.dev/state: suspect", "");
        HasMetadata quarantined = pod("cleanroom.dev/environment: payments, cleanroom.dev/state: quarantined", "");
        assertThat(Orphans.isPreserving("payments", Stream.of(account(""), suspect)))
                .isTrue();
        assertThat(Orphans.isPreserving("other", Stream.of(suspect))).isFalse();
        assertThat(Orphans.isPreserving("payments", Stream.of(quarantined))).isFalse();
    }

    @Test
    void itIsDeletedAsItWasObserved() {
        assertThat(Orphans.deletion(pod(ACTIVE, ""))).isInstanceOfSatisfying(Write.Delete.class, deletion -> {
            assertThat(deletion.target().name()).isEqualTo("payments-0-1");
            assertThat(deletion.precondition()).isEqualTo(new Write.Precondition("uid-of-it", "7"));
            assertThat(deletion.reason()).isEqualTo("Orphaned");
        });
    }

    @Test
    void anEnvironmentDeletesAnOrphanThatIsInItsWayAndThenGetsItsPods() {
        World world = withPolicyInTheWay();
        assertThat(world.settle())
                .containsSubsequence("Delete cleanroom-payments Orphaned", "Create payments-0-1 SlotEmpty");
        assertThat(world.egressPolicy).isNull();
    }

    @Test
    void anOrphanThatMayNotBeDeletedIsReportedWithTheServersWords() {
        World world = withPolicyInTheWay();
        world.refused.add("cleanroom-payments");
        assertThat(world.settle()).noneMatch(write -> write.startsWith("Create payments-"));
        assertStalled(world, "WriteRefused", "a webhook says no");
    }

    @Test
    void anOrphanThatASuspectNeedsIsWaitedFor() {
        World world = withPolicyInTheWay();
        world.add((Pod) pod("cleanroom.dev/state: suspect", "creationTimestamp: 2026-01-01T00:00:00Z"));
        assertThat(world.settle())
                .noneMatch(write -> write.contains("Orphaned") || write.startsWith("Create payments-"));
        assertThat(world.condition("Ready")).isEqualTo("False/WaitingForPredecessor");
    }

    @Test
    void aPolicyOfSomebodyElseUnderTheNameIsReportedAndLeftAlone() {
        World world = withPolicyInTheWay();
        world.labelled = false;
        assertThat(world.settle()).noneMatch(write -> write.contains("payments-") && !write.startsWith("Apply"));
        assertStalled(world, "NameTaken", "kubectl delete networkpolicy cleanroom-payments -n team");

        world.egressPolicy = null;
        assertThat(world.settle()).contains("Create payments-0-1 SlotEmpty");
    }

    private static World withPolicyInTheWay() {
        World world = new World(OnExit.Replace, 1, 0);
        world.egressPolicy = Serialization.unmarshal("""
                metadata: {name: cleanroom-payments}
                spec: {}
                """, NetworkPolicy.class);
        world.orphaned = true;
        return world;
    }

    private static void assertStalled(World world, String reason, String message) {
        assertThat(world.environment.getStatus().conditions())
                .filteredOn(condition -> condition.getType().equals("Stalled"))
                .singleElement()
                .satisfies(stalled -> {
                    assertThat(stalled.getReason()).isEqualTo(reason);
                    assertThat(stalled.getMessage()).contains(message);
                });
    }

    private static HasMetadata pod(String labels, String more) {
        return object("Pod", "payments-0-1", labels, more);
    }

    private static HasMetadata account(String more) {
        return object("ServiceAccount", "cleanroom-payments", LABELS, more);
    }

    private static String owner(String uid) {
        return "ownerReferences: [{uid: %s, controller: true, kind: BuildEnvironment, name: payments}]".formatted(uid);
    }

    /** @param more of its metadata */
    private static HasMetadata object(String kind, String name, String labels, String more) {
        Class<? extends HasMetadata> type = switch (kind) {
            case "Pod" -> Pod.class;
            case "NetworkPolicy" -> NetworkPolicy.class;
            default -> ServiceAccount.class;
        };
        return Serialization.unmarshal("""
                metadata: {name: %s, namespace: team, uid: uid-of-it, resourceVersion: "7", labels: {%s}, %s}
                """.formatted(name, labels, more), type);
    }

    private static Optional<BuildEnvironment> environment(String uid) {
        BuildEnvironment environment = new World(OnExit.Replace, 1, 0).environment;
        environment.getMetadata().setUid(uid);
        return Optional.of(environment);
    }
}
