package dev.cleanroom.operator.record.facts;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.operator.pod.UntrustedText;
import org.jspecify.annotations.Nullable;

/** The fields of a line of an observer's log, which quotes what a build wrote. */
public final class LogText {
    /** Records limit a text to 1,024 characters. */
    private static final int LONGEST = 1_000;

    private LogText() {}

    public static String bounded(String text) {
        return UntrustedText.bounded(text, LONGEST);
    }

    /** Null if it is absent or empty. */
    public static @Nullable String optional(JsonNode line, String field) {
        String text = required(line, field);
        return text.isEmpty() ? null : text;
    }

    /** Empty if it is absent. */
    public static String required(JsonNode line, String field) {
        return bounded(line.path(field).asText(""));
    }

    public static int count(JsonNode line, String field) {
        return Math.max(0, line.path(field).asInt());
    }
}
