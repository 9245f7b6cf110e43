package dev.cleanroom.operator.environment.model;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Durations as the API writes them: {@code 4h}, {@code 30m}, {@code 1h30m}. */
public final class Durations {
    /** The CRD's defaults, for objects stored before it had them. */
    public static final String DEFAULT_MAX_LIFETIME = "4h";

    public static final String DEFAULT_TTL_AFTER_FINISHED = "1h";

    private Durations() {}

    public static Duration parse(String text) {
        return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    }

    public static String or(@Nullable String text, String byDefault) {
        return text == null ? byDefault : text;
    }
}
