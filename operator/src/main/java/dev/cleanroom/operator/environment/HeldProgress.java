package dev.cleanroom.operator.environment;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Since when the stored status of each environment has been out of date. Not stored: after a restart, a status
 * waits a little longer.
 */
final class HeldProgress {
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(5);
    private static final int SWEEP_ABOVE = 1_000;

    private final Map<String, Instant> since = new ConcurrentHashMap<>();

    Optional<Instant> since(String uid) {
        return Optional.ofNullable(since.get(uid));
    }

    void update(String uid, boolean held, Instant now) {
        if (!held) {
            since.remove(uid);
            return;
        }
        since.putIfAbsent(uid, now);
        if (since.size() > SWEEP_ABOVE) {
            // An environment that is deleted while its status is out of date is never removed otherwise.
            since.values().removeIf(then -> then.plus(FORGOTTEN_AFTER).isBefore(now));
        }
    }
}
