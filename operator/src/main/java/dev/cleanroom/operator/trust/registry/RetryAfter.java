package dev.cleanroom.operator.trust.registry;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

/** How long a registry asks clients to wait (RFC 9110, section 10.2.3): seconds, or a date. */
public final class RetryAfter {
    /** A registry cannot delay the next attempt for longer. */
    public static final Duration MOST = Duration.ofMinutes(10);

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private RetryAfter() {}

    /** Empty if the value is neither. */
    static Optional<Duration> read(String value, Clock clock) {
        return duration(value.strip(), clock.instant())
                .map(time -> time.isNegative() ? Duration.ZERO : time.compareTo(MOST) > 0 ? MOST : time);
    }

    private static Optional<Duration> duration(String value, Instant now) {
        if (SECONDS.matcher(value).matches()) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
        }
        try {
            return Optional.of(Duration.between(
                    now,
                    ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant()));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
