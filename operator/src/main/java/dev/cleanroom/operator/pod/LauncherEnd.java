package dev.cleanroom.operator.pod;

import dev.cleanroom.operator.pod.Progress.End;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;

/**
 * The end of a build container in which the launcher did not start the build. In a preparing pod only the launcher has
 * run in it, so its end is never the build's. After that a build can imitate the launcher's end, so it is believed only
 * a limited number of times in a row.
 */
final class LauncherEnd {
    static final String NOT_STARTED = "NotStarted";

    /** How many times in a row an end does not count that looks like a launcher's. */
    static final int MOST = 3;

    private LauncherEnd() {}

    static Optional<End> of(Pod pod) {
        Optional<ContainerStatus> ended = PodProgress.build(pod)
                .filter(build -> PodProgress.terminated(build).isPresent());
        return PodState.of(pod) == PodState.PREPARING
                ? ended.map(LauncherEnd::whilePreparing)
                : ended.flatMap(build -> GateReport.ofLauncher(build)
                        .map(report -> new End.Unclear(PodProgress.exitCode(build), message(report), MOST)));
    }

    private static End whilePreparing(ContainerStatus launcher) {
        return GateReport.ofLauncher(launcher)
                .map(report -> new End.Infrastructure(report.outcome(), message(report)))
                .orElseGet(() -> new End.Infrastructure(
                        NOT_STARTED,
                        "something ended the launcher before it started the build (" + reason(launcher) + ", exit code "
                                + PodProgress.exitCode(launcher) + ")"));
    }

    private static String reason(ContainerStatus launcher) {
        return PodProgress.terminated(launcher)
                .map(end -> end.getReason())
                .map(reason -> UntrustedText.bounded(reason, PodEnd.LONGEST_QUOTE))
                .orElse("no reason");
    }

    private static String message(GateReport report) {
        return "the launcher did not start the build (" + report.outcome() + ": \""
                + report.detail().replace('"', '\'') + "\")";
    }
}
