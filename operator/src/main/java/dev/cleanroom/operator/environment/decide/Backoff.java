package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.RunCause;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The n-th failure in a row waits 10 s x 2^(n-1), at most 5 min. It is computed from status, so a restart loses
 * nothing.
 */
final class Backoff {
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final int LARGEST_EXPONENT = 10;

    private Backoff() {}

    /**
     * Until when the slot's next attempt waits; empty if it need not wait. A failure under another spec, or before
     * another request for a rerun, does not delay it, so an edited environment starts at once. The end of another
     * slot's pod under the former spec changes nothing.
     */
    static Optional<Instant> until(History history, int slot, RunCause cause, Instant now) {
        return history.lastFailure(slot, cause)
                .map(failure -> failure.at().plus(delay(history.slot(slot).failures())))
                .filter(now::isBefore);
    }

    private static Duration delay(int failures) {
        int doublings = Math.clamp(failures - 1L, 0, LARGEST_EXPONENT);
        Duration delay = FIRST.multipliedBy(1L << doublings);
        return delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
    }
}
