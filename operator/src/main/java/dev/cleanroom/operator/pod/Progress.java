package dev.cleanroom.operator.pod;

import java.time.Instant;
import java.util.Optional;

/** How far a build pod is. */
public sealed interface Progress {

    /** The build's first instruction has not run: the pod may still be replaced without losing work. */
    record Waiting(Optional<Trouble> trouble) implements Progress {}

    record Running(boolean ready) implements Progress {}

    record Finished(Outcome outcome, Instant at) implements Progress {}

    /** Why a pod does not start, in the kubelet's or scheduler's words, as a condition reason and message. */
    record Trouble(String reason, String message) {}

    /** What an end means for the count. */
    sealed interface Outcome {
        record Succeeded() implements Outcome {}

        /** The build or a {@code prepare} step ended itself, out of memory included. */
        record BuildFailed(int exitCode, String step) implements Outcome {}

        /** The cluster ended it: run again, not counted against {@code retries}. */
        record Infrastructure(String reason) implements Outcome {}
    }
}
