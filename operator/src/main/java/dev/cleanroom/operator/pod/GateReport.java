package dev.cleanroom.operator.pod;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Trim;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a pod's gate found, by its exit code and its termination message. The message is one line of JSON from the tools
 * image. It is read as untrusted input: its length is limited, control characters are removed, and unknown fields are
 * ignored.
 *
 * @param outcome one of the reasons {@code Enforced}, {@code PolicyNotEnforced} and {@code GateUnreachable}
 * @param families the address families that were tried: {@code IPv4}, {@code IPv6}
 * @param lagMillis the time from the gate's start until the network was closed, in ms; 0 unless {@code Enforced}
 * @param detail the gate's own explanation, or why its message could not be used
 */
public record GateReport(String outcome, List<String> families, long lagMillis, String detail) {
    /** The longest termination message that a gate writes. A longer one is not the gate's. */
    static final int LONGEST_MESSAGE = 1024;

    static final int LONGEST_DETAIL = 200;

    /** One hour. No gate waits that long, so a larger value is wrong. */
    static final long LONGEST_LAG_MILLIS = 3_600_000;

    private static final Set<String> PASSED = Set.of(Reasons.ENFORCED);
    private static final Set<String> FAILED = Set.of(Reasons.POLICY_NOT_ENFORCED, Reasons.GATE_UNREACHABLE);

    /** The launcher's outcome if a prepare step has left a process. */
    private static final String PREPARATION_STILL_RUNS = "PreparationStillRuns";

    private static final Set<String> GAVE_UP =
            Set.of(Reasons.POLICY_NOT_ENFORCED, Reasons.GATE_UNREACHABLE, PREPARATION_STILL_RUNS);
    private static final List<String> FAMILIES = List.of("IPv4", "IPv6");

    public GateReport {
        families = List.copyOf(families);
    }

    public boolean enforced() {
        return outcome.equals(Reasons.ENFORCED);
    }

    /** The report of a pod's gate; empty while the gate runs, and if the pod has no gate. */
    static Optional<GateReport> of(Pod pod) {
        return pod.getStatus() == null || pod.getStatus().getInitContainerStatuses() == null
                ? Optional.empty()
                : pod.getStatus().getInitContainerStatuses().stream()
                        .filter(status -> CleanroomApi.GATE_CONTAINER.equals(status.getName()))
                        .map(GateReport::terminated)
                        .flatMap(Optional::stream)
                        .findFirst()
                        .map(GateReport::read);
    }

    /** The report that the later version of a pod has and the earlier one did not have. */
    public static Optional<GateReport> first(Pod before, Pod after) {
        return of(before).isPresent() ? Optional.empty() : of(after);
    }

    private static Optional<ContainerStateTerminated> terminated(ContainerStatus status) {
        return Optional.ofNullable(status.getState()).map(state -> state.getTerminated());
    }

    private static GateReport read(ContainerStateTerminated end) {
        boolean passed = end.getExitCode() != null && end.getExitCode() == 0;
        Optional<JsonNode> message = UntrustedText.message(end.getMessage(), LONGEST_MESSAGE);
        if (message.isEmpty()) {
            return unreadable("the gate exited with code " + end.getExitCode()
                    + (end.getReason() == null ? "" : " (" + end.getReason() + ")")
                    + " and left no readable message");
        }
        JsonNode told = message.get();
        String outcome = told.path("outcome").asText("");
        if (!(passed ? PASSED : FAILED).contains(outcome)) {
            return unreadable("the gate exited with code " + end.getExitCode() + ", which does not match its message");
        }
        return report(outcome, told, passed ? lag(told) : 0);
    }

    /**
     * What a launcher found that did not start the build; empty if the container did not end like one. A build can write
     * the same.
     */
    static Optional<GateReport> ofLauncher(ContainerStatus build) {
        return terminated(build)
                .filter(end -> Integer.valueOf(Trim.LAUNCHER_GAVE_UP).equals(end.getExitCode()))
                .flatMap(end -> UntrustedText.message(end.getMessage(), LONGEST_MESSAGE))
                .filter(told -> GAVE_UP.contains(told.path("outcome").asText("")))
                .map(told -> report(told.path("outcome").asText(), told, 0));
    }

    private static GateReport report(String outcome, JsonNode told, long lagMillis) {
        return new GateReport(
                outcome, families(told), lagMillis, bounded(told.path("detail").asText("")));
    }

    private static GateReport unreadable(String detail) {
        return new GateReport(Reasons.GATE_UNREACHABLE, List.of(), 0, bounded(detail));
    }

    private static List<String> families(JsonNode told) {
        List<String> named = new ArrayList<>();
        told.path("families").forEach(family -> named.add(family.asText("")));
        return FAMILIES.stream().filter(named::contains).toList();
    }

    private static long lag(JsonNode told) {
        return Math.clamp(told.path("lagMillis").asLong(0), 0, LONGEST_LAG_MILLIS);
    }

    private static String bounded(String text) {
        return UntrustedText.bounded(text, LONGEST_DETAIL);
    }
}
