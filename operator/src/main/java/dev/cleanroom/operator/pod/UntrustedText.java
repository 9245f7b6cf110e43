package dev.cleanroom.operator.pod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Text that a container or a node wrote: its length is limited, and what could change how a message looks is taken out. */
public final class UntrustedText {
    private static final ObjectMapper JSON = new ObjectMapper();

    private UntrustedText() {}

    /** On one line; a text that is cut ends with three dots. */
    public static String bounded(String text, int longest) {
        String plain = text.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]", " ");
        return plain.length() <= longest ? plain : plain.substring(0, longest) + "...";
    }

    /** A termination message that is one JSON object; empty if it is another text, or longer than its writer writes. */
    static Optional<JsonNode> message(@Nullable String message, int longest) {
        if (message == null || message.length() > longest) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(JSON.readTree(message)).filter(JsonNode::isObject);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
