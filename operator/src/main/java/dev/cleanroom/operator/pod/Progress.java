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

    record Running(boolean ready) implements Progress {}

    record Finished(End end, Instant at) implements Progress {}

    /** How a pod ended. That decides whether the attempt counts against {@code retries}. */
    sealed interface End {
        record Succeeded() implements End {}

        /** The build or a {@code prepare} step failed itself, or ran out of memory. */
        record BuildFailed(int exitCode, String step) implements End {}

        /** The cluster ended the pod. The build runs again, and this attempt does not count against {@code retries}. */
        record Infrastructure(String reason) implements End {}
    }
}
