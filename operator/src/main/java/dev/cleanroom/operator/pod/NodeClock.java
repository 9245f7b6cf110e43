package dev.cleanroom.operator.pod;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Finds a node whose clock is wrong. No decision depends on it: the time of a node is compared only with times of the
 * same node.
 */
public final class NodeClock {
    /** A smaller difference is not reported. */
    public static final Duration TOLERANCE = Duration.ofMinutes(1);

    private NodeClock() {}

    /**
     * What is wrong with the time at which a node says that a pod ended; empty if it can be.
     *
     * @param created when the API server created the pod
     */
    public static Optional<String> problem(Instant created, Instant ended, Instant now) {
        if (ended.isAfter(now.plus(TOLERANCE))) {
            return Optional.of(says(ended) + ", which is in the future");
        }
        if (ended.isBefore(created.minus(TOLERANCE))) {
            return Optional.of(says(ended) + ", before the pod was created");
        }
        return Optional.empty();
    }

    private static String says(Instant ended) {
        return "the clock of its node is wrong: it says that the pod ended at " + ended;
    }
}
