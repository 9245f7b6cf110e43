package dev.cleanroom.operator.trust.registry;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** The time at which one question must be answered. */
record Deadline(Clock clock, Instant end) {

    static Deadline in(Clock clock, Duration time) {
        return new Deadline(clock, clock.instant().plus(time));
    }

    /** The time left; fails if none is left. */
    Duration left() throws RegistryException {
        Duration left = Duration.between(clock.instant(), end);
        if (!left.isPositive()) {
            throw new RegistryException(
                    FailureCode.TimedOut, "the registry did not answer in the time for the whole question");
        }
        return left;
    }

    /** The time left, at most the given one. */
    Duration left(Duration most) throws RegistryException {
        Duration left = left();
        return left.compareTo(most) < 0 ? left : most;
    }
}
