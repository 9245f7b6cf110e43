package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.model.Incident;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.pod.BuildPod;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pods with phases: what is created for them, when they become active, and when they do not. */
class BuildStartsTest {
    private static final String POD = "payments-0-1";
    private static final String STEP = "TestedPatch " + POD + " Prepared";

    private final World world = withPhases("[Prepare]");

    @Test
    void thePolicyOfThePrepareStepsIsStoredBeforeThePod() {
        assertThat(world.settle())
                .containsSubsequence(
                        "Create cleanroom-payments.prepare EgressAllowed", "Create payments-0-1 SlotEmpty");
        assertThat(label()).isEqualTo("preparing");
    }

    @Test
    void aPreparedPodBecomesActiveBeforeAnythingElseIsWritten() {
        world.settle();
        world.running(POD);
        assertThat(world.settle()).startsWith(STEP);
        assertThat(label()).isEqualTo("active");
        assertThat(world.condition("Ready")).isEqualTo("True/Running");
        assertThat(world.settle()).isEmpty();
    }

    @Test
    void aPodWhoseStepsRunIsNotStartedAndStaysPreparing() {
        world.settle();
        world.status(
                POD,
                "Pending",
                new ContainerStateBuilder()
                        .withNewWaiting()
                        .withReason("PodInitializing")
                        .endWaiting()
                        .build());
        assertThat(world.settle()).doesNotContain(STEP);
        assertThat(label()).isEqualTo("preparing");
        assertThat(world.condition("Ready")).isEqualTo("False/Starting");
    }

    @Test
    void aPodThatSomebodyAsksToQuarantineDoesNotBecomeActive() {
        world.settle();
        world.pods.get(POD).getMetadata().getAnnotations().put("cleanroom.dev/quarantine", "odd egress");
        world.running(POD);
        assertThat(world.settle()).doesNotContain(STEP);
    }

    @Test
    void aRequestOnTheEnvironmentKeepsThePodsFromBecomingActiveThatHaveNotAnsweredIt() {
        world.settle();
        world.annotate("cleanroom.dev/quarantine", "odd egress");
        world.running(POD);
        assertThat(world.settle()).doesNotContain(STEP);

        World later = withPhases("[Prepare]");
        later.annotate("cleanroom.dev/quarantine", "odd egress");
        later.settle();
        later.running(POD);
        assertThat(later.settle()).as("it was created after the request").contains(STEP);
    }

    @Test
    void aPodWithAnIncidentDoesNotBecomeActive() {
        world.settle();
        world.incidents.add(new Incident(
                "payments-0-1-abc",
                world.pods.get(POD).getMetadata().getUid(),
                new BuildPod.SlotAttempt(0, 1),
                world.now,
                false));
        world.running(POD);
        assertThat(world.settle()).doesNotContain(STEP);
    }

    @Test
    void aDeniedImageIsReportedInsteadOfStartingTheBuild() {
        world.settle();
        world.running(POD);
        world.pods.get(POD).getMetadata().setUid("5f0c2a11-0000-4000-8000-000000000000");
        world.denied = Map.of("sha256:" + "a".repeat(64), "denied");
        assertThat(EnvironmentDecision.decide(world.observed(), world.now).writes())
                .extracting(Write::reason)
                .containsExactly("ImageDenied");
    }

    @Test
    void aPreparedPodOfAnotherSpecIsReplacedInsteadOfStarted() {
        world.settle();
        world.running(POD);
        world.environment.setSpec(spec("[Prepare]", "b"));
        assertThat(world.settle()).doesNotContain(STEP).contains("Delete payments-0-1 SpecChanged");
    }

    @Test
    void aTerminatingPodStaysPreparing() {
        world.settle();
        world.running(POD);
        world.pods.get(POD).getMetadata().setDeletionTimestamp(world.now.toString());
        assertThat(world.settle()).doesNotContain(STEP);
    }

    /** Its build may be running elsewhere: what is refused once is not asked for again in the same run. */
    @Test
    void aRefusedStepIsReportedAndTriedAgainLater() {
        world.settle();
        world.running(POD);
        world.refused.add(POD);
        assertThat(world.settle()).doesNotContain(STEP);
        assertThat(world.condition("Stalled")).isEqualTo("True/WriteRefused");

        world.refused.clear();
        world.failures.clear();
        assertThat(world.settle()).contains(STEP);
    }

    @Test
    void aRefusedWriteElsewhereDoesNotKeepAPreparedPodWaiting() {
        world.settle();
        world.running(POD);
        world.evidenceBudget = false;
        world.refused.add("cleanroom.evidence");
        assertThat(world.settle()).contains(STEP);
    }

    @Test
    void theSpecMayLoseItsPhasesWhileAPodPrepares() {
        world.settle();
        world.environment.setSpec(spec(null, "a"));
        assertThat(world.settle())
                .as("the pod still needs the policy of its steps")
                .noneMatch(write -> write.contains("cleanroom-payments.prepare NothingAllowed"));

        world.running(POD);
        assertThat(world.settle()).containsSubsequence(STEP, "Delete cleanroom-payments.prepare NothingAllowed");
    }

    @Test
    void aRuleForPrepareAloneIsNotInThePolicyOfTheBuild() {
        world.settle();
        assertThat(world.egressPolicy).as("nothing is allowed to the build").isNull();
        assertThat(world.preparePolicy.getSpec().getEgress()).hasSize(2);

        World both = withPhases("[Prepare, Build]");
        both.settle();
        assertThat(both.egressPolicy.getSpec().getEgress()).hasSize(1);
        assertThat(both.preparePolicy.getSpec().getEgress()).hasSize(2);

        World build = withPhases("[Build]");
        build.settle();
        assertThat(build.egressPolicy.getSpec().getEgress()).hasSize(1);
        assertThat(build.preparePolicy.getSpec().getEgress())
                .as("the fetch beacon")
                .hasSize(1);
    }

    @Test
    void noPodWithPhasesIsCreatedBeforeTheGuardRailsKnowThem() {
        world.preparingNotReady = Optional.of("state-moves-forward.cleanroom.dev was changed");
        assertThat(world.settle()).noneMatch(write -> write.endsWith("SlotEmpty"));
        assertThat(world.condition("Ready")).isEqualTo("False/GuardRailsOutdated");

        World plain = new World(OnExit.Complete, 1, 0);
        plain.preparingNotReady = world.preparingNotReady;
        assertThat(plain.settle()).as("others do not wait").contains("Create payments-0-1 SlotEmpty");

        world.preparingNotReady = Optional.empty();
        assertThat(world.settle()).contains("Create payments-0-1 SlotEmpty");
    }

    /** As an operator without phases sees it, to which the field is unknown. */
    @Test
    void anEnvironmentThatCannotBeReadLeavesItsPreparingPodAlone() {
        world.settle();
        world.running(POD);
        world.environment.setSpec(null);
        world.environment.markUnreadable("spec.egress[0].phases: unknown field");
        assertThat(world.settle()).allMatch(write -> write.contains(" payments ") || write.contains(" event "));
        assertThat(label()).isEqualTo("preparing");
    }

    @Test
    void anEndLikeALaunchersIsBelievedThreeTimesInARow() {
        for (int i = 1; i <= 3; i++) {
            giveUp(i, "active");
            assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
        }
        giveUp(4, "active");
        assertThat(world.condition("Finished")).isEqualTo("True/BuildFailed");
    }

    @Test
    void aLauncherThatEndsWhileThePodPreparesIsNeverCounted() {
        for (int i = 1; i <= 12; i++) {
            giveUp(i, "preparing");
            assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
            assertThat(world.condition("Ready")).isEqualTo("False/BackingOff");
        }
    }

    private void giveUp(int attempt, String state) {
        world.now = world.now.plusSeconds(600);
        world.settle();
        String pod = "payments-0-" + attempt;
        world.pods.get(pod).getMetadata().getLabels().put("cleanroom.dev/state", state);
        world.exited(pod, 125, 60);
        world.terminated(pod).setReason("Error");
        world.terminated(pod).setMessage("{\"outcome\":\"GateUnreachable\",\"detail\":\"no beacon\"}");
        world.settle();
    }

    private String label() {
        return world.pods.get(POD).getMetadata().getLabels().get("cleanroom.dev/state");
    }

    private static World withPhases(String phases) {
        World world = new World(OnExit.Complete, 1, 0);
        world.environment.setSpec(spec(phases, "a"));
        return world;
    }

    private static BuildEnvironmentSpec spec(String phases, String image) {
        return Manifests.environment("""
                        spec:
                          image: "%1$s"
                          command: [build]
                          onExit: Complete
                          replicas: 1
                          retries: 0
                          maxLifetime: 4h
                          ttlAfterFinished: 1h
                          prepare: [{name: fetch, image: "%1$s", command: [fetch]}]
                          egress: [{name: mirror, cidr: 10.20.0.0/16, ports: [443]%2$s}]
                        """.formatted(
                        World.IMAGE.replace("aaaa", image.repeat(4)), phases == null ? "" : ", phases: " + phases))
                .getSpec();
    }
}
