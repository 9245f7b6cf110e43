package dev.cleanroom.operator.pod;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a pod's progress from its status. */
final class PodProgress {
    /** Waiting reasons that every start has. A person should see any other reason. */
    private static final Set<String> ORDINARY_WAITS = Set.of("ContainerCreating", "PodInitializing");

    /** A process that signal n ended has the exit code 128 + n. */
    static final int FIRST_SIGNAL_CODE = 128;

    private PodProgress() {}

    static Progress of(Pod pod, Optional<GateReport> gate) {
        PodStatus status = pod.getStatus();
        String phase = status == null || status.getPhase() == null ? "Pending" : status.getPhase();
        return switch (phase) {
            case "Succeeded" -> new Progress.Finished(PodEnd.ofSucceeded(pod), nodeTime(pod));
            case "Failed" -> new Progress.Finished(PodEnd.of(pod, gate), nodeTime(pod));
            default -> PodState.of(pod) == PodState.PREPARING ? preparing(pod) : unfinished(pod);
        };
    }

    private static Progress preparing(Pod pod) {
        return build(pod)
                        .map(ContainerStatus::getState)
                        .filter(state -> state.getRunning() != null)
                        .isPresent()
                ? new Progress.Prepared()
                : new Progress.Waiting(trouble(pod));
    }

    private static Progress unfinished(Pod pod) {
        return build(pod).filter(PodProgress::hasRun).isPresent()
                ? new Progress.Running(condition(pod, "Ready").isPresent())
                : new Progress.Waiting(trouble(pod));
    }

    /**
     * When the build container started, after the gate, the image pulls and the prepare steps, which may take minutes. By
     * the clock of its node.
     */
    static Optional<Instant> buildStarted(Pod pod) {
        return build(pod)
                .flatMap(PodProgress::terminated)
                .filter(end -> end.getStartedAt() != null)
                .map(end -> Instant.parse(end.getStartedAt()));
    }

    /** The status of the build container. In a preparing pod, only the launcher runs in it. */
    static Optional<ContainerStatus> build(Pod pod) {
        return Optional.ofNullable(pod.getStatus()).stream()
                .flatMap(status -> containers(status.getContainerStatuses()))
                .filter(container -> CleanroomApi.BUILD_CONTAINER.equals(container.getName()))
                .findFirst();
    }

    static boolean hasRun(ContainerStatus container) {
        return container.getState() != null
                && (container.getState().getRunning() != null
                        || container.getState().getTerminated() != null);
    }

    /** The pod's condition of this type, if it is true. */
    static Optional<PodCondition> condition(Pod pod, String type) {
        List<PodCondition> conditions = pod.getStatus().getConditions();
        return (conditions == null ? List.<PodCondition>of() : conditions)
                .stream()
                        .filter(c -> type.equals(c.getType()) && "True".equals(c.getStatus()))
                        .findFirst();
    }

    /** Without the message, which changes with each try and would wake the environment each time. */
    private static Optional<String> trouble(Pod pod) {
        if (pod.getStatus() == null) {
            return Optional.empty();
        }
        Optional<String> waiting = all(pod).filter(
                        c -> c.getState() != null && c.getState().getWaiting() != null)
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

    private static Optional<Instant> nodeTime(Pod pod) {
        return statuses(pod)
                .flatMap(container -> terminated(container).stream())
                .filter(end -> end.getFinishedAt() != null)
                .map(end -> Instant.parse(end.getFinishedAt()))
                .reduce((step, next) -> next);
    }

    /** A container that a signal ended has this code too, if its runtime reports the signal alone. */
    static int exitCode(ContainerStatus status) {
        return terminated(status)
                .map(end -> {
                    int code = end.getExitCode() == null ? 0 : end.getExitCode();
                    int signal = end.getSignal() == null ? 0 : end.getSignal();
                    return code == 0 && signal != 0 ? FIRST_SIGNAL_CODE + signal : code;
                })
                .orElse(0);
    }

    static Optional<ContainerStateTerminated> terminated(ContainerStatus status) {
        return Optional.ofNullable(status.getState()).map(state -> state.getTerminated());
    }

    /** The gate, the steps and the build, in the order in which they ran. How a companion ended is not how the pod did. */
    static Stream<ContainerStatus> statuses(Pod pod) {
        return all(pod).filter(status -> !ObserverEnd.isObserver(status));
    }

    private static Stream<ContainerStatus> all(Pod pod) {
        return Stream.concat(
                containers(pod.getStatus().getInitContainerStatuses()),
                containers(pod.getStatus().getContainerStatuses()));
    }

    private static Stream<ContainerStatus> containers(@Nullable List<ContainerStatus> statuses) {
        return statuses == null ? Stream.empty() : statuses.stream();
    }
}
