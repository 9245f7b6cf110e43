package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.JSON;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Every field of a JSON object changed and taken away, one at a time: of what is inside a text too, where the text is an
 * object, in base64 or as it is.
 */
public final class Mutants {
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{16,}={0,2}");

    private Mutants() {}

    /**
     * @param path a JSON pointer (RFC 6901); behind a {@code !} one into the object that the text before it holds
     * @param how what was done, for messages
     */
    public record Mutant(String path, String how, ObjectNode json) {}

    public static List<Mutant> of(ObjectNode right) {
        return paths(right).stream().flatMap(path -> at(right, path)).toList();
    }

    /**
     * One bit of each byte of a field in base64.
     *
     * @param some which bytes of all, by their indices
     * @param bit which, 0 to 7, by the byte's index
     */
    public static Stream<Mutant> bytes(
            ObjectNode right, String path, UnaryOperator<List<Integer>> some, IntUnaryOperator bit) {
        byte[] bytes = Base64.getDecoder().decode(right.at(path).textValue());
        return some.apply(IntStream.range(0, bytes.length).boxed().toList()).stream()
                .map(i -> new Mutant(
                        path,
                        "byte " + i,
                        with(right, path, TextNode.valueOf(base64(flipped(bytes, i, bit.applyAsInt(i)))))));
    }

    private static Stream<Mutant> at(ObjectNode right, String path) {
        JsonNode value = right.at(path);
        Stream<Mutant> without = Stream.of(new Mutant(path, "taken away", with(right, path, null)));
        Stream<Mutant> changed = changed(value).map(text -> new Mutant(path, text + "", with(right, path, text)));
        return Stream.of(without, changed, inside(right, path)).flatMap(all -> all);
    }

    /** A bit at the start, in the middle and at the end; a number is one more. */
    private static Stream<JsonNode> changed(JsonNode value) {
        if (value.isContainerNode()) {
            return Stream.empty();
        }
        if (value.isNumber()) {
            return Stream.of(JSON.getNodeFactory().numberNode(value.longValue() + 1));
        }
        String text = value.asText();
        if (text.matches("[0-9]{1,18}")) {
            return Stream.of(TextNode.valueOf(String.valueOf(Long.parseLong(text) + 1)));
        }
        Optional<byte[]> bytes = decoded(text);
        if (bytes.isPresent()) {
            int length = bytes.get().length;
            return Stream.of(0, length / 2, length - 1).map(i -> TextNode.valueOf(base64(flipped(bytes.get(), i, 0))));
        }
        int at = text.length() / 2;
        return Stream.of(TextNode.valueOf(
                text.isEmpty()
                        ? "x"
                        : text.substring(0, at) + (text.charAt(at) == 'x' ? 'y' : 'x') + text.substring(at + 1)));
    }

    private static Stream<Mutant> inside(ObjectNode right, String path) {
        String text = right.at(path).isTextual() ? right.at(path).textValue() : "";
        Optional<ObjectNode> plain = object(text);
        return plain
                .or(() -> decoded(text).flatMap(bytes -> object(new String(bytes, StandardCharsets.UTF_8))))
                .map(Mutants::of)
                .orElse(List.of())
                .stream()
                .map(inner -> new Mutant(
                        path + "!" + inner.path(),
                        inner.how(),
                        with(
                                right,
                                path,
                                TextNode.valueOf(
                                        plain.isPresent()
                                                ? inner.json().toString()
                                                : base64(inner.json().toString().getBytes(StandardCharsets.UTF_8))))));
    }

    private static Optional<byte[]> decoded(String text) {
        try {
            return Optional.of(text)
                    .filter(all -> BASE64.matcher(all).matches())
                    .map(Base64.getDecoder()::decode);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // hexadecimal, or a word
        }
    }

    private static Optional<ObjectNode> object(String text) {
        try {
            return text.startsWith("{") && JSON.readTree(text) instanceof ObjectNode object
                    ? Optional.of(object)
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static byte[] flipped(byte[] bytes, int at, int bit) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << bit);
        return changed;
    }

    private static List<String> paths(JsonNode node) {
        var paths = new ArrayList<String>();
        if (node.isObject()) {
            node.properties().forEach(field -> paths(paths, field.getKey(), field.getValue()));
        } else {
            for (int i = 0; i < node.size(); i++) {
                paths(paths, String.valueOf(i), node.get(i));
            }
        }
        return paths;
    }

    private static void paths(List<String> paths, String name, JsonNode value) {
        String step = "/" + name.replace("~", "~0").replace("/", "~1");
        paths.add(step);
        paths(value).forEach(path -> paths.add(step + path));
    }

    /** A copy with another value, or without it. */
    private static ObjectNode with(ObjectNode right, String path, @Nullable JsonNode value) {
        ObjectNode copy = right.deepCopy();
        int slash = path.lastIndexOf('/');
        String name = path.substring(slash + 1).replace("~1", "/").replace("~0", "~");
        switch (copy.at(path.substring(0, slash))) {
            case ArrayNode list when value == null -> list.remove(Integer.parseInt(name));
            case ArrayNode list -> list.set(Integer.parseInt(name), value);
            case ObjectNode object when value == null -> object.remove(name);
            case ObjectNode object -> object.set(name, value);
            default -> throw new IllegalArgumentException(path);
        }
        return copy;
    }
}
