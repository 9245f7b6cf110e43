package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.model.History;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No enforcement, no build; and what that costs. */
class GateDecisionTest {
    private static final String ENFORCED =
            "{\"outcome\":\"Enforced\",\"families\":[\"IPv4\",\"IPv6\"],\"lagMillis\":73}";
    private static final String NOT_ENFORCED =
            "{\"outcome\":\"PolicyNotEnforced\",\"families\":[\"IPv4\"],\"detail\":\"10.0.0.1 \\\"answered\\\"\"}";

    private final World world = new World(OnExit.Complete, 1, 0);

    @Test
    void noPodIsCreatedUntilACanaryIsReady() {
        world.canaries = List.of();

        assertThat(world.settle()).noneMatch(write -> write.startsWith("Create"));
        assertThat(world.condition("Ready")).isEqualTo("False/CanaryUnavailable");
        assertThat(world.condition("NetworkEnforced")).isEqualTo("Unknown/CanaryUnavailable");
        assertThat(world.condition("Reconciling")).isEqualTo("True/CanaryUnavailable");
        assertThat(message("Ready"))
                .contains("kubectl get pods -o wide -n cleanroom-system -l app.kubernetes.io/component=canary");

        world.canaries = List.of("10.0.0.1");
        assertThat(world.settle()).contains("Create payments-0-1 SlotEmpty");
        assertThat(world.condition("NetworkEnforced")).isEqualTo("Unknown/NotProbed");
    }

    @Test
    void aPodThatExistsWaitsForNoCanary() {
        world.settle();
        world.canaries = List.of();
        world.settle();
        assertThat(world.condition("Ready")).isEqualTo("False/Starting");
    }

    @Test
    void aMissingCanaryDoesNotHideAGateThatFailed() {
        world.settle();
        gateFailed(world, "payments-0-1", NOT_ENFORCED);
        world.canaries = List.of();
        world.settle();
        assertThat(world.condition("Ready")).isEqualTo("False/PolicyNotEnforced");
        assertThat(world.condition("Stalled")).isEqualTo("True/PolicyNotEnforced");
    }

    @Test
    void aForeignPolicyKeepsPodsFromBeingCreatedAndDeletesNone() {
        world.foreignPolicies = List.of("a", "b", "c", "d", "e");

        assertThat(world.settle()).noneMatch(write -> write.startsWith("Create payments-"));
        assertThat(world.condition("NetworkEnforced")).isEqualTo("False/ForeignPolicy");
        assertThat(world.condition("Ready")).isEqualTo("False/ForeignPolicy");
        assertThat(world.condition("Stalled")).isEqualTo("True/ForeignPolicy");
        assertThat(message("Ready"))
                .contains(": a, b, c and 2 more. Delete the policy")
                .contains("-n team");

        world.foreignPolicies = List.of();
        assertThat(world.settle()).contains("Create payments-0-1 SlotEmpty");
        assertThat(world.condition("NetworkEnforced")).isEqualTo("Unknown/NotProbed");

        passed(world, "payments-0-1", ENFORCED);
        world.settle();
        world.foreignPolicies = List.of("late");
        assertThat(world.settle()).noneMatch(write -> write.startsWith("Delete"));
        assertThat(world.condition("Ready")).isEqualTo("True/Running");
        assertThat(world.condition("NetworkEnforced")).isEqualTo("False/ForeignPolicy");
    }

    @Test
    void aRunningPodStaysReadyWhenTheCanaryIsGone() {
        world.settle();
        passed(world, "payments-0-1", ENFORCED);
        world.canaries = List.of();

        world.settle();

        assertThat(world.condition("Ready")).isEqualTo("True/Running");
        assertThat(world.condition("NetworkEnforced")).isEqualTo("True/Enforced");
        assertThat(message("NetworkEnforced")).contains("(IPv4, IPv6; after ").contains("73 ms)");
    }

    @Test
    void aFailedGateIsReportedAtOnceAndUsesUpNoRetry() {
        world.settle();
        gateFailed(world, "payments-0-1", NOT_ENFORCED);

        assertThat(world.settle())
                .contains("Create event Stalled")
                .noneMatch(write -> write.startsWith("Create payments"));

        assertThat(world.condition("Ready")).isEqualTo("False/PolicyNotEnforced");
        assertThat(world.condition("Stalled")).isEqualTo("True/PolicyNotEnforced");
        assertThat(world.condition("NetworkEnforced")).isEqualTo("False/PolicyNotEnforced");
        assertThat(world.condition("Finished")).isEqualTo("False/NotFinished");
        assertThat(message("Ready")).contains("over IPv4").contains("the gate reported: \"10.0.0.1 'answered'\"");
        History.Slot slot = History.of(world.environment.getStatus()).slot(0);
        assertThat(slot.attempt()).isEqualTo(2);
        assertThat(slot.failures()).isZero();
        assertThat(slot.lastFailure()).isPresent();
    }

    @Test
    void aFailureIsReportedUntilAGatePassesAndADifferentDetailCausesNoWrite() {
        world.settle();
        gateFailed(world, "payments-0-1", NOT_ENFORCED);
        world.settle();
        String first = message("Ready");

        world.now = world.now.plusSeconds(11);
        assertThat(world.settle())
                .containsExactly(
                        "Delete payments-0-1 AttemptCounted",
                        "Create payments-0-2 SlotEmpty",
                        "ApplyStatus payments StatusChanged");
        assertThat(world.condition("NetworkEnforced")).isEqualTo("False/PolicyNotEnforced");

        gateFailed(world, "payments-0-2", NOT_ENFORCED.replace("10.0.0.1", "10.0.0.2"));
        assertThat(world.settle())
                .as("no second Event")
                .containsExactly("ApplyStatus payments AttemptCounted", "ApplyStatus payments StatusChanged");
        assertThat(message("Ready")).isEqualTo(first);

        world.now = world.now.plusSeconds(21);
        world.settle();
        passed(world, "payments-0-3", ENFORCED);
        world.settle();
        assertThat(world.condition("NetworkEnforced")).isEqualTo("True/Enforced");
        assertThat(world.condition("Ready")).isEqualTo("True/Running");
    }

    @Test
    void aGateWithoutAReadableMessageIsReportedAsUnreachable() {
        world.settle();
        gateFailed(world, "payments-0-1", "\u0000not json");
        world.settle();

        assertThat(world.condition("Ready")).isEqualTo("False/GateUnreachable");
        assertThat(world.condition("NetworkEnforced")).isEqualTo("Unknown/GateUnreachable");
        assertThat(world.condition("Reconciling")).isEqualTo("True/GateUnreachable");
        assertThat(message("NetworkEnforced")).contains("left no readable message");
    }

    @Test
    void aFailedGateOfOneReplicaIsNotHiddenByAnotherThatPassed() {
        World agents = new World(OnExit.Replace, 2, 0);
        agents.settle();
        passed(agents, "payments-0-1", ENFORCED);
        gateFailed(agents, "payments-1-1", NOT_ENFORCED);
        agents.settle();
        assertThat(agents.condition("NetworkEnforced")).isEqualTo("False/PolicyNotEnforced");

        agents.now = agents.now.plusSeconds(11);
        agents.settle();
        assertThat(agents.pods).containsKeys("payments-0-1", "payments-1-2");
        assertThat(agents.condition("NetworkEnforced")).isEqualTo("False/PolicyNotEnforced");

        passed(agents, "payments-1-2", ENFORCED);
        agents.settle();
        assertThat(agents.condition("NetworkEnforced")).isEqualTo("True/Enforced");
    }

    @Test
    void aDifferentDelayMeasuredByTheNextPodIsNotWritten() {
        World agent = new World(OnExit.Replace, 1, 0);
        agent.settle();
        passed(agent, "payments-0-1", ENFORCED);
        agent.settle();
        agent.exited("payments-0-1", 0, 60);
        assertThat(agent.settle())
                .containsExactly(
                        "ApplyStatus payments AttemptCounted",
                        "Delete payments-0-1 AttemptCounted",
                        "Create payments-0-2 SlotEmpty",
                        "ApplyStatus payments StatusChanged");
        passed(agent, "payments-0-2", ENFORCED.replace("73", "99"));
        agent.settle();
        assertThat(message(agent, "NetworkEnforced")).contains("73 ms)");
    }

    @Test
    void noPodIsCreatedWhileTheToolsImageIsRejectedAndTheMessageNamesIt() {
        world.tools = "registry.example.com/cleanroom/tools:1";

        assertThat(world.settle()).noneMatch(write -> write.startsWith("Create payments"));

        assertThat(world.condition("Ready")).isEqualTo("False/NoMatchingPolicy");
        assertThat(world.condition("ImageVerified")).isEqualTo("False/NoMatchingPolicy");
        assertThat(message("Ready")).startsWith("the tools image (the operator's --tools-image): ");
    }

    private String message(String type) {
        return message(world, type);
    }

    static String message(World world, String type) {
        return world.environment.getStatus().conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .map(Condition::getMessage)
                .findFirst()
                .orElseThrow();
    }

    /** Its gate has passed, and it runs. */
    private static void passed(World world, String pod, String message) {
        world.running(pod);
        report(world, pod, 0, message);
    }

    /** Its gate ended with 1, and with it the pod. */
    private static void gateFailed(World world, String pod, String message) {
        world.status(
                pod,
                "Failed",
                new ContainerStateBuilder().withNewWaiting().endWaiting().build());
        report(world, pod, 1, message);
    }

    private static void report(World world, String pod, int exitCode, String message) {
        world.pods
                .get(pod)
                .getStatus()
                .setInitContainerStatuses(List.of(new ContainerStatusBuilder()
                        .withName("gate")
                        .withNewState()
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .withMessage(message)
                        .withFinishedAt(world.now.toString())
                        .endTerminated()
                        .endState()
                        .build()));
    }
}
