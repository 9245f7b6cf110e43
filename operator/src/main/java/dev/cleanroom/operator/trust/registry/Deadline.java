package dev.cleanroom.operator.trust.registry;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** The end of one question. */
record Deadline(Clock clock, Instant end) {

    static Deadline in(Clock clock, Duration time) {
        return new Deadline(clock, clock.instant().plus(time));
    }

    /** What is left; fails where nothing is. */
    Duration left() throws RegistryException {
        Duration left = Duration.between(clock.instant(), end);
        if (!left.isPositive()) {
            throw new RegistryException(FailureCode.TimedOut, "the registry took too long in total");
        }
        return left;
    }

    /** What is left, and at most this. */
    Duration left(Duration most) throws RegistryException {
        Duration left = left();
        return left.compareTo(most) < 0 ? left : most;
    }
}
