package dev.cleanroom.operator.pod;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Trim;
import dev.cleanroom.operator.pod.Progress.End;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a pod in phase {@code Failed} ended, by what the kubelet and the control plane wrote into its status. No clock is
 * read. The first row that matches decides:
 *
 * <table>
 *   <caption>from status to end</caption>
 *   <tr><td>condition DisruptionTarget: node pressure, preemption, a taint, the eviction API, node shutdown, a node that is
 *       gone</td><td>infrastructure</td></tr>
 *   <tr><td>reason Evicted with a message about the node</td><td>infrastructure</td></tr>
 *   <tr><td>reason Evicted otherwise: an emptyDir's size limit, a limit of ephemeral storage</td><td>the build's</td></tr>
 *   <tr><td>reason DeadlineExceeded</td><td>deadline</td></tr>
 *   <tr><td>a reason with which a kubelet ends or rejects pods, or any reason before a container ran</td>
 *       <td>infrastructure</td></tr>
 *   <tr><td>the pod's deletion was requested</td><td>infrastructure</td></tr>
 *   <tr><td>another reason, and the container was killed or has no exit code</td><td>unclear</td></tr>
 *   <tr><td>the gate failed</td><td>infrastructure</td></tr>
 *   <tr><td>the build container of a preparing pod ended: only the launcher has run in it</td><td>infrastructure</td></tr>
 *   <tr><td>the build container of another pod ended as a launcher does, which a build can imitate</td><td>unclear</td></tr>
 *   <tr><td>a container ended as Unknown or ContainerStatusUnknown, as after its node restarted</td><td>unclear</td></tr>
 *   <tr><td>a container could not be started</td><td>unclear</td></tr>
 *   <tr><td>a container has an exit code other than 0, OOMKilled included</td><td>the build's</td></tr>
 *   <tr><td>no container has one</td><td>unclear</td></tr>
 * </table>
 *
 * <p>A deletion is not compared with the time at which a container ended: the first is by the API server's clock, the
 * second by the node's. A failure is counted when it is seen, so a pod that failed before its deletion is counted
 * already, unless the operator was down.
 */
final class PodEnd {
    static final String DELETED = "Deleted";
    static final String DISRUPTION_TARGET = "DisruptionTarget";

    /** The longest text of a kubelet that a message quotes, in characters. */
    static final int LONGEST_QUOTE = 300;

    private static final String EVICTED = "Evicted";
    private static final String DEADLINE_EXCEEDED = "DeadlineExceeded";

    /** How the kubelet's message about an eviction begins if the node is the cause, and not a limit of the pod. */
    private static final Set<String> ABOUT_THE_NODE = Set.of("The node was low on resource", "The node had condition");

    /**
     * With these a kubelet ends a pod, or rejects it: at its admission, and after a restart of the kubelet also a pod whose
     * build has run.
     */
    private static final Set<String> KUBELET_REASONS = Set.of(
            "AppArmor",
            "InitContainerRestartPolicyForbidden",
            "InvalidNodeInfo",
            "NodeAffinity",
            "NodeLost",
            "NodeName",
            "NodePorts",
            "NodeShutdown",
            "NodeUnschedulable",
            "PodFeatureUnsupported",
            "PodLevelResourcesNotSupported",
            "PodOSNotSupported",
            "PodOSSelectorNodeLabelDoesNotMatch",
            "Preempting",
            "SMTAlignmentError",
            "Shutdown",
            "SupplementalGroupsPolicyNotSupported",
            "SysctlForbidden",
            "TaintToleration",
            "Terminated",
            "TopologyAffinityError",
            "UnexpectedAdmissionError",
            "UnexpectedPredicateFailureType",
            "UnknownReason",
            "VolumeAttachmentLimitExceeded");

    private static final String OUT_OF = "OutOf";

    /** The runtime or the kubelet has lost the container, so its exit code is not the build's. */
    private static final Set<String> LOST = Set.of("Unknown", "ContainerStatusUnknown");

    private static final int LAST_SIGNAL = 64;
    private static final int KILLED = 137;
    private static final int TERMINATED = 143;

    /** How many times in a row an unclear end does not count. */
    static final int MOST_UNCLEAR = 10;

    private final Pod pod;
    private final PodStatus status;
    private final Optional<ContainerStatus> failed;

    private PodEnd(Pod pod) {
        this.pod = pod;
        this.status = pod.getStatus();
        this.failed = PodProgress.statuses(pod)
                .filter(container -> PodProgress.exitCode(container) != 0)
                .findFirst();
    }

    /** @param gate the gate's report; empty if the gate has not ended */
    static End of(Pod failed, Optional<GateReport> gate) {
        PodEnd end = new PodEnd(failed);
        return end.disrupted()
                .or(end::byReason)
                .or(end::deleted)
                .or(() -> end.atTheGate(gate))
                .or(() -> LauncherEnd.of(failed))
                .orElseGet(end::byContainer);
    }

    /** How a pod in phase {@code Succeeded} ended. */
    static End ofSucceeded(Pod succeeded) {
        return LauncherEnd.of(succeeded).orElseGet(End.Succeeded::new);
    }

    private Optional<End> disrupted() {
        return PodProgress.condition(pod, DISRUPTION_TARGET)
                .map(condition -> new End.Infrastructure(
                        DISRUPTION_TARGET,
                        "the cluster ended the pod (" + quoted(condition.getReason(), condition.getMessage()) + ")"));
    }

    private Optional<End> byReason() {
        String reason = status.getReason();
        if (reason == null || reason.isEmpty()) {
            return Optional.empty();
        }
        String quote = quoted(reason, status.getMessage());
        boolean ran = PodProgress.statuses(pod).anyMatch(PodProgress::hasRun);
        if (reason.equals(EVICTED) && ran && !isAboutTheNode(status.getMessage())) {
            return Optional.of(new End.BuildFailed(
                    failed.map(PodProgress::exitCode).orElse(KILLED),
                    failed.map(ContainerStatus::getName).orElse(CleanroomApi.BUILD_CONTAINER),
                    "the kubelet evicted the pod because it exceeded a limit of its own (" + quote + ")" + remedy()));
        }
        if (reason.equals(DEADLINE_EXCEEDED)) {
            return Optional.of(new End.DeadlineExceeded(
                    "the kubelet ended it at activeDeadlineSeconds, which Cleanroom does not set (" + quote + ")"));
        }
        if (!ran || reason.equals(EVICTED) || KUBELET_REASONS.contains(reason) || reason.startsWith(OUT_OF)) {
            return Optional.of(new End.Infrastructure(reason, "the node ended or rejected the pod (" + quote + ")"));
        }
        return isEndedByItself() || deleted().isPresent()
                ? Optional.empty()
                : Optional.of(unclear(code(), "something ended the pod (" + quote + ")"));
    }

    private boolean isEndedByItself() {
        int code = code();
        return failed.isPresent()
                && code != KILLED
                && code != TERMINATED
                && !LOST.contains(reason(failed.get()))
                && !Trim.NOT_STARTED.contains(reason(failed.get()));
    }

    private Optional<End> deleted() {
        return Optional.ofNullable(pod.getMetadata().getDeletionTimestamp())
                .map(requested -> new End.Infrastructure(DELETED, "somebody deleted the pod before it had ended"));
    }

    /** Nothing of the build has run, so the cluster failed and not the build. */
    private Optional<End> atTheGate(Optional<GateReport> gate) {
        return failed.filter(container -> container.getName().equals(CleanroomApi.GATE_CONTAINER))
                .flatMap(container -> gate)
                .map(report ->
                        new End.Infrastructure(report.outcome(), "its gate did not pass (" + report.outcome() + ")"));
    }

    private End byContainer() {
        if (failed.isEmpty()) {
            return unclear(KILLED, "the pod failed, and no container reports how it ended");
        }
        ContainerStatus container = failed.get();
        String step = step(container);
        String reason = reason(container);
        if (LOST.contains(reason)) {
            return unclear(
                    code(),
                    "the node lost " + step + ", as after a restart of the node (" + reason + ", exit code " + code()
                            + ")");
        }
        if (Trim.NOT_STARTED.contains(reason)) {
            // The launcher starts before the command does, so a command that the image does not have is not the cause.
            return unclear(
                    code(),
                    step + " could not be started ("
                            + quoted(
                                    reason,
                                    PodProgress.terminated(container)
                                            .map(it -> it.getMessage())
                                            .orElse(null))
                            + ")");
        }
        return new End.BuildFailed(code(), container.getName(), ownEnd(container, step, reason));
    }

    private static End unclear(int exitCode, String message) {
        return new End.Unclear(exitCode, message, MOST_UNCLEAR);
    }

    private String ownEnd(ContainerStatus container, String step, String reason) {
        if (reason.equals("OOMKilled")) {
            return step + " used more memory than its limit (OOMKilled, exit code " + code() + "): raise "
                    + limit(container.getName(), "memory");
        }
        if (code() == KILLED) {
            return step + " exited with 137: something killed it (SIGKILL), which often is the limit of memory: "
                    + limit(container.getName(), "memory");
        }
        int signal = code() - PodProgress.FIRST_SIGNAL_CODE;
        return step + " exited with " + code()
                + (signal > 0 && signal <= LAST_SIGNAL ? " (signal " + signal + ")" : "");
    }

    private static boolean isAboutTheNode(@Nullable String message) {
        return message != null && ABOUT_THE_NODE.stream().anyMatch(message::startsWith);
    }

    /** Which field to change, by the kubelet's message; empty if no field is known. */
    private String remedy() {
        String message = status.getMessage() == null ? "" : status.getMessage();
        if (message.contains("EmptyDir volume \"tmp-") || message.contains("EmptyDir volume \"home-")) {
            return ": raise spec.tmp.size";
        }
        if (message.contains("EmptyDir volume \"cleanroom-workspace\"")) {
            return ": set spec.workspace, whose size is not limited in this way";
        }
        if (!message.contains("ephemeral")) {
            return "";
        }
        String step = PodProgress.statuses(pod)
                .map(ContainerStatus::getName)
                .filter(name ->
                        !name.equals(CleanroomApi.GATE_CONTAINER) && message.startsWith("Container " + name + " "))
                .findFirst()
                .orElse(CleanroomApi.BUILD_CONTAINER);
        return ": raise " + limit(step, "ephemeral-storage");
    }

    private String limit(String container, String resource) {
        String path =
                container.equals(CleanroomApi.BUILD_CONTAINER) ? "spec" : "spec.prepare[" + index(container) + "]";
        return path + ".resources.limits." + resource;
    }

    /** A kubelet lists the steps in the order of the spec, after the gate and the observer. */
    private long index(String step) {
        return status.getInitContainerStatuses().stream()
                .map(ContainerStatus::getName)
                .filter(name ->
                        !name.equals(CleanroomApi.GATE_CONTAINER) && !name.equals(CleanroomApi.OBSERVER_CONTAINER))
                .takeWhile(name -> !name.equals(step))
                .count();
    }

    private static String step(ContainerStatus container) {
        return container.getName().equals(CleanroomApi.BUILD_CONTAINER)
                ? "the build"
                : "prepare step " + container.getName();
    }

    private int code() {
        return failed.map(PodProgress::exitCode).orElse(KILLED);
    }

    private static String reason(ContainerStatus container) {
        return PodProgress.terminated(container)
                .map(ContainerStateTerminated::getReason)
                .orElse("");
    }

    private static String quoted(@Nullable String reason, @Nullable String message) {
        String code = reason == null || reason.isEmpty() ? "no reason" : reason;
        String text = message == null ? "" : message.strip();
        return UntrustedText.bounded(text.isEmpty() ? code : code + ": " + text, LONGEST_QUOTE);
    }
}
