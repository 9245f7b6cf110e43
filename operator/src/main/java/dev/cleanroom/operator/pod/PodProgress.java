package dev.cleanroom.operator.pod;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a pod's progress from its status. */
final class PodProgress {
    /** Reasons that the kubelet sets on a pod that the kubelet ended, and not the build. */
    private static final Set<String> KUBELET_REASONS = Set.of(
            "Evicted",
            "NodeShutdown",
            "Terminated",
            "Shutdown",
            "NodeLost",
            "NodeAffinity",
            "Preempting",
            "UnexpectedAdmissionError");

    private static final String OUT_OF = "OutOf";

    /** Waiting reasons that every start has. A person should see any other reason. */
    private static final Set<String> ORDINARY_WAITS = Set.of("ContainerCreating", "PodInitializing");

    private PodProgress() {}

    static Progress of(Pod pod, Optional<GateReport> gate, Optional<Instant> deletionAsked, Instant created) {
        PodStatus status = pod.getStatus();
        String phase = status == null || status.getPhase() == null ? "Pending" : status.getPhase();
        return switch (phase) {
            case "Succeeded" -> new Progress.Finished(new Progress.End.Succeeded(), finishedAt(pod, created));
            case "Failed" -> failed(pod, gate, deletionAsked, finishedAt(pod, created));
            default ->
                buildHasRun(pod)
                        ? new Progress.Running(BuildPod.hasTrue(pod, "Ready"))
                        : new Progress.Waiting(trouble(pod));
        };
    }

    private static Progress failed(Pod pod, Optional<GateReport> gate, Optional<Instant> deletionAsked, Instant at) {
        String reason = pod.getStatus().getReason();
        if (BuildPod.hasTrue(pod, "DisruptionTarget")) {
            return new Progress.Finished(new Progress.End.Infrastructure("DisruptionTarget"), at);
        }
        if (reason != null && (KUBELET_REASONS.contains(reason) || reason.startsWith(OUT_OF))) {
            return new Progress.Finished(new Progress.End.Infrastructure(reason), at);
        }
        if (deletionAsked.isPresent() && !at.isBefore(deletionAsked.get())) {
            // The build was killed because somebody deleted the pod, so its exit code is not its own result.
            return new Progress.Finished(new Progress.End.Infrastructure("Deleted"), at);
        }
        Optional<ContainerStatus> guilty = statuses(pod)
                .filter(c -> terminated(c) != null && exitCode(c) != 0)
                .findFirst();
        if (guilty.isPresent() && guilty.get().getName().equals(CleanroomApi.GATE_CONTAINER) && gate.isPresent()) {
            // Nothing of the build has run, so the cluster failed and not the build.
            return new Progress.Finished(
                    new Progress.End.Infrastructure(gate.get().outcome()), at);
        }
        Progress.End end = guilty.<Progress.End>map(c -> new Progress.End.BuildFailed(exitCode(c), c.getName()))
                .orElseGet(() -> new Progress.End.Infrastructure(reason == null ? "Unknown" : reason));
        return new Progress.Finished(end, at);
    }

    /**
     * When the build container started, after the gate, the image pulls and the prepare steps, which may take minutes.
     */
    static Optional<Instant> buildStarted(Pod pod) {
        return Optional.ofNullable(pod.getStatus()).stream()
                .flatMap(status -> containers(status.getContainerStatuses()))
                .map(PodProgress::terminated)
                .filter(end -> end != null && end.getStartedAt() != null)
                .map(end -> Instant.parse(end.getStartedAt()))
                .findFirst();
    }

    private static boolean buildHasRun(Pod pod) {
        return pod.getStatus() != null
                && containers(pod.getStatus().getContainerStatuses())
                        .anyMatch(c -> c.getState() != null
                                && (c.getState().getRunning() != null
                                        || c.getState().getTerminated() != null));
    }

    /** Without the message, which changes with each try and would wake the environment each time. */
    private static Optional<String> trouble(Pod pod) {
        if (pod.getStatus() == null) {
            return Optional.empty();
        }
        Optional<String> waiting = statuses(pod)
                .filter(c -> c.getState() != null && c.getState().getWaiting() != null)
                .map(c -> c.getState().getWaiting().getReason())
                .filter(reason -> reason != null && !ORDINARY_WAITS.contains(reason))
                .findFirst();
        if (waiting.isPresent() || pod.getStatus().getConditions() == null) {
            return waiting;
        }
        return pod.getStatus().getConditions().stream()
                .filter(c -> "PodScheduled".equals(c.getType())
                        && "False".equals(c.getStatus())
                        && "Unschedulable".equals(c.getReason()))
                .findFirst()
                .map(PodCondition::getReason);
    }

    private static Instant finishedAt(Pod pod, Instant created) {
        return statuses(pod)
                .map(PodProgress::terminated)
                .filter(t -> t != null && t.getFinishedAt() != null)
                .map(t -> Instant.parse(t.getFinishedAt()))
                .max(Comparator.naturalOrder())
                .orElse(created);
    }

    private static int exitCode(ContainerStatus status) {
        ContainerStateTerminated terminated = terminated(status);
        return terminated == null || terminated.getExitCode() == null ? 0 : terminated.getExitCode();
    }

    private static @Nullable ContainerStateTerminated terminated(ContainerStatus status) {
        return status.getState() == null ? null : status.getState().getTerminated();
    }

    private static Stream<ContainerStatus> statuses(Pod pod) {
        return Stream.concat(
                containers(pod.getStatus().getInitContainerStatuses()),
                containers(pod.getStatus().getContainerStatuses()));
    }

    private static Stream<ContainerStatus> containers(@Nullable List<ContainerStatus> statuses) {
        return statuses == null ? Stream.empty() : statuses.stream();
    }
}
