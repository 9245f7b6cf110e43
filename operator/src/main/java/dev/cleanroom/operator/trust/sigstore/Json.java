package dev.cleanroom.operator.trust.sigstore;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * An untrusted JSON object (RFC 8259), parsed strictly: UTF-8 only, no name twice, nothing after its end. It follows
 * Protocol Buffers' mapping: null is absent, 64-bit integers may be strings, bytes are base64. Unknown fields are
 * ignored, as the formats require.
 */
public final class Json {
    /** The most levels of nested objects and lists. */
    public static final int MAX_DEPTH = 100;

    /**
     * The most names, values and brackets, enough for an SBOM of several thousand components. Their number, not the
     * length of the text, decides how much memory is used: 8 MiB of empty objects would take a quarter of a gigabyte.
     */
    public static final int MAX_TOKENS = 300_000;

    /** The most elements of one list, unless the caller allows fewer. */
    public static final int MAX_ELEMENTS = 1000;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxTokenCount(MAX_TOKENS)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Creates the exception for malformed JSON, with the caller's code. */
    @FunctionalInterface
    public interface Malformed {
        Refusal because(String message);
    }

    private final JsonNode node;
    private final String path;
    private final Malformed malformed;

    private Json(JsonNode node, String path, Malformed malformed) {
        this.node = node;
        this.path = path;
        this.malformed = malformed;
    }

    /** @param name the name of the object in messages */
    public static Json parse(byte[] bytes, String name, Malformed malformed) throws Refusal {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed.because("the " + name + " is not UTF-8");
        }
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node == null || !node.isObject()) {
                throw malformed.because("the " + name + " is not a JSON object");
            }
            return new Json(node, name, malformed);
        } catch (JsonProcessingException e) {
            throw malformed.because("the " + name + " is not JSON: " + Refusal.quote(e.getOriginalMessage()));
        }
    }

    public JsonNode node() {
        return node;
    }

    public boolean has(String field) {
        return node.hasNonNull(field);
    }

    public Json object(String field) throws Refusal {
        return object(node.path(field), path + "." + field);
    }

    public Optional<Json> optionalObject(String field) throws Refusal {
        return has(field) ? Optional.of(object(field)) : Optional.empty();
    }

    /** The list's objects; empty when absent. */
    public List<Json> objects(String field, int max) throws Refusal {
        var objects = new ArrayList<Json>();
        for (JsonNode element : elements(field, max)) {
            objects.add(object(element, path + "." + field + "[" + objects.size() + "]"));
        }
        return objects;
    }

    public String text(String field) throws Refusal {
        return text(node.path(field), path + "." + field);
    }

    public Optional<String> optionalText(String field) throws Refusal {
        return has(field) ? Optional.of(text(field)) : Optional.empty();
    }

    /** Base64 (RFC 4648, section 4); line breaks are ignored, since signers wrap it. */
    public byte[] bytes(String field) throws Refusal {
        return bytes(node.path(field), path + "." + field);
    }

    public List<byte[]> listOfBytes(String field, int max) throws Refusal {
        var all = new ArrayList<byte[]>();
        for (JsonNode element : elements(field, max)) {
            all.add(bytes(element, path + "." + field));
        }
        return all;
    }

    /** A whole number from 0 to 2^63-1. */
    public long count(String field) throws Refusal {
        JsonNode value = node.path(field);
        long number = -1;
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            number = value.longValue();
        } else if (value.isTextual()) {
            try {
                number = Long.parseLong(value.textValue());
            } catch (NumberFormatException e) {
                throw malformed.because(path + "." + field + " is not a number");
            }
        }
        if (number < 0) {
            throw malformed.because(path + "." + field + " is missing, negative or not a whole number");
        }
        return number;
    }

    /** As {@link #count}; 0 when absent, as Protocol Buffers leave it out. */
    public long countOrZero(String field) throws Refusal {
        return has(field) ? count(field) : 0;
    }

    private JsonNode elements(String field, int max) throws Refusal {
        JsonNode list = node.path(field);
        if (list.isMissingNode() || list.isNull()) {
            return MAPPER.createArrayNode();
        }
        if (!list.isArray()) {
            throw malformed.because(path + "." + field + " is not a list");
        }
        if (list.size() > max) {
            throw malformed.because(path + "." + field + " has more than " + max + " elements");
        }
        return list;
    }

    private Json object(JsonNode value, String at) throws Refusal {
        if (!value.isObject()) {
            throw malformed.because(at + " is not an object");
        }
        return new Json(value, at, malformed);
    }

    private String text(JsonNode value, String at) throws Refusal {
        if (!value.isTextual()) {
            throw malformed.because(at + " is not a string");
        }
        return value.textValue();
    }

    private byte[] bytes(JsonNode value, String at) throws Refusal {
        return decode(text(value, at)).orElseThrow(() -> malformed.because(at + " is not base64"));
    }

    static Optional<byte[]> decode(String base64) {
        try {
            return Optional.of(
                    Base64.getDecoder().decode(base64.replace("\n", "").replace("\r", "")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
