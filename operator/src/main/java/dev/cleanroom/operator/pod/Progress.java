package dev.cleanroom.operator.pod;

import java.time.Instant;
import java.util.Optional;

/** How far a build pod is. */
public sealed interface Progress {

    /**
     * The build's first instruction has not run: the pod may still be replaced without losing work.
     *
     * @param trouble why the pod does not start: the reason of the kubelet or the scheduler
     */
    record Waiting(Optional<String> trouble) implements Progress {}

    /**
     * The prepare steps have ended, and the launcher in the build container waits until the network of these steps is
     * closed. Only in a pod that is preparing.
     */
    record Prepared() implements Progress {}

    record Running(boolean ready) implements Progress {}

    /**
     * @param nodeTime when the last of its containers that ran ended, by the clock of its node, which may be wrong. It is
     *     compared only with times of the same node
     */
    record Finished(End end, Optional<Instant> nodeTime) implements Progress {}

    /**
     * How a pod ended. That decides whether the attempt counts against {@code retries}. A message is part of a sentence,
     * is the same for each pod that ends in this way, and says what to change if something can be changed.
     */
    sealed interface End {
        record Succeeded() implements End {}

        /** The build or a {@code prepare} step failed by itself, or exceeded a limit of its own. */
        record BuildFailed(int exitCode, String step, String message) implements End {}

        /** The kubelet ended the pod at its {@code activeDeadlineSeconds}. */
        record DeadlineExceeded(String message) implements End {}

        /** The cluster or somebody ended the pod. The build runs again, and the attempt does not count. */
        record Infrastructure(String reason, String message) implements End {}

        /**
         * Nothing that can be trusted reports who ended the pod. The build runs again as if the cluster had ended the pod,
         * but only a limited number of times in a row, because it may be the build that takes its node down.
         *
         * @param exitCode what the kubelet wrote in place of the build's own exit code; never 0
         * @param most how many times in a row
         */
        record Unclear(int exitCode, String message, int most) implements End {}
    }
}
