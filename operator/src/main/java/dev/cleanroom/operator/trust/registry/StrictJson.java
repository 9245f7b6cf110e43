package dev.cleanroom.operator.trust.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses JSON that no two parsers can read differently: UTF-8, no name twice in an object, nothing after the value. The
 * number of tokens is limited, because it decides how much memory a document takes, and several are in memory at once.
 */
final class StrictJson {
    /** The most names, values and brackets. An index of 1,000 descriptors with annotations has about 30,000. */
    static final long MOST_TOKENS = 50_000;

    static final int MOST_DEPTH = 32;

    private static final ObjectReader READER = reader(true);
    private static final ObjectReader READER_AS_GO = reader(false);

    private StrictJson() {}

    private static ObjectReader reader(boolean eachNameOnce) {
        return new ObjectMapper(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxTokenCount(MOST_TOKENS)
                                .maxNestingDepth(MOST_DEPTH)
                                .build())
                        .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, eachNameOnce)
                        .disable(JsonFactory.Feature.CHARSET_DETECTION)
                        .build())
                .reader()
                .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    /** Fails with the given code; the message contains nothing from the bytes. */
    static ObjectNode object(byte[] bytes, FailureCode otherwise, String what) throws RegistryException {
        return object(READER, bytes, otherwise, what);
    }

    /**
     * The same for what a kubelet also reads, and reads so: of a name that is repeated in an object, the last counts.
     */
    static ObjectNode objectAsGo(byte[] bytes, FailureCode otherwise, String what) throws RegistryException {
        return object(READER_AS_GO, bytes, otherwise, what);
    }

    private static ObjectNode object(ObjectReader reader, byte[] bytes, FailureCode otherwise, String what)
            throws RegistryException {
        try {
            if (reader.readTree(bytes) instanceof ObjectNode object) {
                return object;
            }
            throw new RegistryException(otherwise, what + " is not a JSON object");
        } catch (JsonProcessingException e) {
            // The parser's message quotes the text.
            throw new RegistryException(
                    otherwise, what + " is not strict JSON: " + e.getClass().getSimpleName());
        } catch (IOException e) {
            throw new RegistryException(otherwise, what + " is not UTF-8");
        }
    }

    /** Null if there is no such member; fails if it is not a string. */
    static @Nullable String text(JsonNode object, String member) throws RegistryException {
        JsonNode value = object.get(member);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw new RegistryException(FailureCode.Malformed, member + " is not a string");
        }
        return value.textValue();
    }

    /** A map of strings; empty if there is no such member. */
    static Map<String, String> texts(JsonNode object, String member) throws RegistryException {
        JsonNode value = object.get(member);
        if (value == null || value.isNull()) {
            return Map.of();
        }
        Map<String, String> texts = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            if (!entry.getValue().isTextual()) {
                throw new RegistryException(FailureCode.Malformed, member + " are not strings");
            }
            texts.put(entry.getKey(), entry.getValue().textValue());
        }
        if (!value.isObject()) {
            throw new RegistryException(FailureCode.Malformed, member + " is not an object");
        }
        return Map.copyOf(texts);
    }
}
