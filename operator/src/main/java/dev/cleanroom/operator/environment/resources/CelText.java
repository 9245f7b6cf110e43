package dev.cleanroom.operator.environment.resources;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * A value as the API server's CEL writes it with {@code '%s'.format([[value]])}: keys sorted, strings quoted as Go's
 * {@code strconv.Quote} does. See the extended string library of cel-go, "Format".
 */
final class CelText {
    /** Fields of a pod with amounts, which the API server stores in one way of several. */
    private static final Set<String> AMOUNTS = Set.of("limits", "requests");

    private static final String AMOUNT = "sizeLimit";

    private static final String ESCAPES = "\u0007\b\t\n\u000b\f\r\"\\";
    private static final String ESCAPED = "abtnvfr\"\\";

    private CelText() {}

    /** A value in a list, so that a text is quoted. */
    static String of(JsonNode value) {
        return "[" + text(value) + "]";
    }

    /** An amount in a list. */
    static String ofAmount(String amount) {
        return key(CanonicalQuantity.of(amount));
    }

    /** A key or name as a path shows it: {@code ["build"]}. */
    static String key(String key) {
        return "[" + quoted(key) + "]";
    }

    private static String text(JsonNode value) {
        if (value.isObject()) {
            Map<String, String> sorted = new TreeMap<>();
            value.properties().forEach(field -> sorted.put(field.getKey(), text(field.getKey(), field.getValue())));
            return sorted.entrySet().stream()
                    .map(field -> quoted(field.getKey()) + ":" + field.getValue())
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        if (value.isArray()) {
            return StreamSupport.stream(value.spliterator(), false)
                    .map(CelText::text)
                    .collect(Collectors.joining(", ", "[", "]"));
        }
        return value.isTextual() ? quoted(value.textValue()) : value.asText();
    }

    private static String text(String field, JsonNode value) {
        if (field.equals(AMOUNT)) {
            return quoted(CanonicalQuantity.of(value.asText()));
        }
        if (!AMOUNTS.contains(field)) {
            return text(value);
        }
        Map<String, String> sorted = new TreeMap<>();
        value.properties()
                .forEach(amount -> sorted.put(
                        amount.getKey(),
                        quoted(CanonicalQuantity.of(amount.getValue().asText()))));
        return sorted.entrySet().stream()
                .map(amount -> quoted(amount.getKey()) + ":" + amount.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(character -> append(quoted, character));
        return quoted.append('"').toString();
    }

    private static void append(StringBuilder quoted, int character) {
        int escape = ESCAPES.indexOf(character);
        if (escape >= 0) {
            quoted.append('\\').append(ESCAPED.charAt(escape));
        } else if (isPrintable(character)) {
            quoted.appendCodePoint(character);
        } else if (character < 0x80) {
            quoted.append("\\x%02x".formatted(character));
        } else {
            quoted.append((character < 0x10000 ? "\\u%04x" : "\\U%08x").formatted(character));
        }
    }

    /** Letters, marks, numbers, punctuation, symbols and the space of ASCII. */
    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> character == ' ';
            default -> true;
        };
    }
}
