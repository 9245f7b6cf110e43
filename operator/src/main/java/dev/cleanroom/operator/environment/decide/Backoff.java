package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.History.Slot;
import dev.cleanroom.operator.environment.model.RunCause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The n-th failure in a row waits 10 s x 2^(n-1), at most 5 min, whether it counts against {@code retries} or not. It
 * is computed from status, so a restart loses nothing.
 */
final class Backoff {
    private static final Duration FIRST = Duration.ofSeconds(10);
    static final Duration LONGEST = Duration.ofMinutes(5);
    private static final int LARGEST_EXPONENT = 10;

    /** A failure is recorded with the time of the operator, so a later one cannot be: a former version took a node's. */
    private static final Duration TOLERANCE = Duration.ofMinutes(1);

    private Backoff() {}

    /**
     * Until when the slot's next attempt waits; empty if it need not wait. A failure under another spec, or before
     * another request for a rerun, does not delay it, so an edited environment starts at once. The end of another
     * slot's pod under the former spec changes nothing.
     */
    static Optional<Instant> until(History history, int slot, RunCause cause, Instant now) {
        return history.lastFailure(slot, cause)
                .filter(failure -> !failure.at().isAfter(now.plus(TOLERANCE)))
                .map(failure -> failure.at().plus(delay(history.slot(slot))))
                .filter(now::isBefore);
    }

    private static Duration delay(Slot slot) {
        long failures = (long) slot.failures() + slot.uncounted();
        int doublings = Math.clamp(failures - 1, 0, LARGEST_EXPONENT);
        Duration delay = FIRST.multipliedBy(1L << doublings);
        return delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
    }
}
