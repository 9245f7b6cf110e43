package dev.cleanroom.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.Reasons;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gate's message is hostile until it is read. */
class GateReportTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void aGateThatPassedTellsFamiliesAndLag() {
        assertThat(report(0, """
                {"outcome":"Enforced","families":["IPv6","IPv4"],"addresses":2,"rounds":12,"lagMillis":73,"detail":"ok"}""")).contains(new GateReport(Reasons.ENFORCED, List.of("IPv4", "IPv6"), 73, "ok"));
    }

    @Test
    void oneThatFailedTellsWhich() {
        assertThat(report(1, """
                {"outcome":"PolicyNotEnforced","families":["IPv4"],"detail":"10.0.0.1 answered","new":{"field":1}}"""))
                .contains(new GateReport(Reasons.POLICY_NOT_ENFORCED, List.of("IPv4"), 0, "10.0.0.1 answered"));
        assertThat(report(1, "{\"outcome\":\"GateUnreachable\"}"))
                .contains(new GateReport(Reasons.GATE_UNREACHABLE, List.of(), 0, ""));
    }

    @Test
    void oneThatHasNotEndedTellsNothing() {
        assertThat(GateReport.of(pod(new ContainerStatusBuilder()
                        .withName("gate")
                        .withNewState()
                        .withNewRunning()
                        .endRunning()
                        .endState()
                        .build())))
                .isEmpty();
        assertThat(GateReport.of(pod(ended("checkout", 0, "{\"outcome\":\"Enforced\"}"))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Enforced",
                "null",
                "[]",
                "{",
                "{\"outcome\":7}",
                "{\"outcome\":\"Splendid\"}",
                "{\"outcome\":{\"outcome\":\"Enforced\"}}",
                "{\"outcome\":\"PolicyNotEnforced\"}"
            })
    void aGoodEndWithoutAMessageThatSaysSoProvesNothing(String message) {
        assertThat(report(0, message).orElseThrow().outcome()).isEqualTo(Reasons.GATE_UNREACHABLE);
    }

    @Test
    void aBadEndIsNeverEnforcement() {
        GateReport report = report(1, "{\"outcome\":\"Enforced\"}").orElseThrow();
        assertThat(report.outcome()).isEqualTo(Reasons.GATE_UNREACHABLE);
        assertThat(report.detail()).isEqualTo("the gate exited with code 1, which does not match its message");
        assertThat(report(137, null).orElseThrow().detail())
                .isEqualTo("the gate exited with code 137 (Error) and left no readable message");
    }

    @Test
    void whatIsTooLongIsNotRead() {
        String outcome = "{\"outcome\":\"PolicyNotEnforced\",\"detail\":\"%s\"}";
        int frame = outcome.length() - 2;
        assertThat(report(1, outcome.formatted("x".repeat(GateReport.LONGEST_MESSAGE - frame)))
                        .orElseThrow())
                .satisfies(report -> assertThat(report.outcome()).isEqualTo(Reasons.POLICY_NOT_ENFORCED))
                .satisfies(report -> assertThat(report.detail()).hasSize(GateReport.LONGEST_DETAIL + "...".length()));
        assertThat(report(1, outcome.formatted("x".repeat(GateReport.LONGEST_MESSAGE - frame + 1)))
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Reasons.GATE_UNREACHABLE);
    }

    @Test
    void noControlCharacterAndNoOddNumberGetsThrough() {
        assertThat(report(1, "{\"outcome\":\"PolicyNotEnforced\",\"detail\":\"a\\u001b[31m\\nb\\u202ec\"}")
                        .orElseThrow()
                        .detail())
                .isEqualTo("a [31m b c");
        assertThat(report(0, "{\"outcome\":\"Enforced\",\"lagMillis\":-5}")
                        .orElseThrow()
                        .lagMillis())
                .isZero();
        assertThat(report(0, "{\"outcome\":\"Enforced\",\"lagMillis\":9e300,\"families\":[\"IPv4\",\"IPv4\",\"x\",3]}")
                        .orElseThrow())
                .isEqualTo(new GateReport(Reasons.ENFORCED, List.of("IPv4"), GateReport.LONGEST_LAG_MILLIS, ""));
    }

    @Test
    void aFailedGateIsTheClustersFailureAndABuildsOwnExitStaysItsOwn() {
        assertThat(end(ended("gate", 1, "{\"outcome\":\"PolicyNotEnforced\"}")))
                .isEqualTo(new Progress.End.Infrastructure(
                        Reasons.POLICY_NOT_ENFORCED, "its gate did not pass (PolicyNotEnforced)"));
        assertThat(end(ended("gate", 137, null)))
                .isEqualTo(new Progress.End.Infrastructure(
                        Reasons.GATE_UNREACHABLE, "its gate did not pass (GateUnreachable)"));
        assertThat(end(ended("gate", 0, "nonsense"), ended("checkout", 3, null)))
                .isEqualTo(new Progress.End.BuildFailed(3, "checkout", "prepare step checkout exited with 3"));
    }

    private static Progress.End end(ContainerStatus... steps) {
        Pod failed = new PodBuilder(pod(steps))
                .editStatus()
                .withPhase("Failed")
                .endStatus()
                .build();
        return PodEnd.of(failed, GateReport.of(failed));
    }

    private static Optional<GateReport> report(int exitCode, String message) {
        return GateReport.of(pod(ended("gate", exitCode, message)));
    }

    private static Pod pod(ContainerStatus... steps) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("payments-0-1")
                .endMetadata()
                .withNewStatus()
                .withInitContainerStatuses(steps)
                .endStatus()
                .build();
    }

    private static ContainerStatus ended(String name, int exitCode, String message) {
        return new ContainerStatusBuilder()
                .withName(name)
                .withNewState()
                .withNewTerminated()
                .withExitCode(exitCode)
                .withReason("Error")
                .withMessage(message)
                .withFinishedAt(NOW.toString())
                .endTerminated()
                .endState()
                .build();
    }
}
