package dev.cleanroom.api.schema;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as they are written in the API: {@code 4h}, {@code 30m}, {@code 1h30m}. */
public final class Durations {
    /** The CRD's defaults, for objects that were stored before the CRD had them. */
    public static final String DEFAULT_MAX_LIFETIME = "4h";

    public static final String DEFAULT_TTL_AFTER_FINISHED = "1h";

    private static final Pattern WHOLE = Pattern.compile(TextKind.DURATION_PATTERN);
    private static final Pattern PART = Pattern.compile("([0-9]+)([hms])");

    private Durations() {}

    /** @throws IllegalArgumentException if the text is not such a duration */
    public static Duration parse(String text) {
        if (!WHOLE.matcher(text).matches()) {
            throw new IllegalArgumentException("not a duration such as 4h or 90m: " + text);
        }
        // The schema accepts the parts in any order and more than once, as Go and CEL do; ISO 8601 does not.
        return PART.matcher(text)
                .results()
                .map(part -> Duration.of(Long.parseLong(part.group(1)), unit(part.group(2))))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private static ChronoUnit unit(String letter) {
        return switch (letter) {
            case "h" -> ChronoUnit.HOURS;
            case "m" -> ChronoUnit.MINUTES;
            default -> ChronoUnit.SECONDS;
        };
    }

    public static String or(@Nullable String text, String byDefault) {
        return text == null ? byDefault : text;
    }
}
