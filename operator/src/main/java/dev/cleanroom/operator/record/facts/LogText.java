package dev.cleanroom.operator.record.facts;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.operator.pod.UntrustedText;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The fields of a line of an observer's log, which quotes what a build wrote. */
public final class LogText {
    /** Records limit a text to 1,024 characters. */
    private static final int LONGEST = 1_000;

    /** How many hexadecimal digits of a digest the lists of a record have. */
    public static final int SHORT_DIGEST = 16;

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

    /** The first 16 digits of a digest; null if it is absent or empty. */
    public static @Nullable String shortDigest(JsonNode line, String field) {
        String digest = optional(line, field);
        return digest == null || digest.length() <= SHORT_DIGEST ? digest : digest.substring(0, SHORT_DIGEST);
    }

    /** Several texts, the first few of them. */
    public static List<String> texts(JsonNode line, String field, int most) {
        return StreamSupport.stream(line.path(field).spliterator(), false)
                .limit(most)
                .map(text -> bounded(text.asText("")))
                .toList();
    }

    public static int count(JsonNode line, String field) {
        return Math.max(0, line.path(field).asInt());
    }
}
