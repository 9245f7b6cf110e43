package dev.cleanroom.api.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold for every field of every kind. The cases themselves are tried on an API server by the operator's tests. */
class SchemaTest {
    /** Longer texts are tried by a test of their own, instead of by a file of that size. */
    private static final int LONGEST_IN_A_FILE = 1_024;

    static List<Class<? extends CustomResource<?, ?>>> kinds() {
        return GeneratedFilesTest.KINDS;
    }

    /** People and programs write these. Of the others, the operator writes all, as it writes a status. */
    static Stream<Class<? extends CustomResource<?, ?>>> kindsWithSpec() {
        return GeneratedFilesTest.KINDS.stream().filter(kind -> Parts.of(kind).containsKey("spec"));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyStringListAndMapIsBounded(Class<? extends CustomResource<?, ?>> kind) {
        var unbounded = new ArrayList<String>();
        for (String part : Parts.of(kind).keySet()) {
            collectUnbounded(property(kind, part), part, unbounded);
        }
        assertThat(unbounded).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyFieldIsDescribed(Class<? extends CustomResource<?, ?>> kind) {
        var silent = new ArrayList<String>();
        for (String part : Parts.of(kind).keySet()) {
            collectUndescribed(property(kind, part), part, silent);
        }
        assertThat(silent).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("kindsWithSpec")
    void everyConstraintOfTheSpecHasACase(Class<? extends CustomResource<?, ?>> kind) throws IOException {
        var answers = answers(kind);
        var schema = schema(kind);
        var constraints = Stream.concat(
                        Constraint.of(schema, "").stream()
                                .filter(c -> !c.path().startsWith("spec.")
                                        && !c.path().startsWith("status")),
                        Constraint.of(property(kind, "spec"), "spec").stream())
                .toList();
        assertThat(constraints)
                .hasSizeGreaterThan(10)
                .filteredOn(c -> !c.keyword().equals("maxLength") || Integer.parseInt(c.value()) <= LONGEST_IN_A_FILE)
                .allSatisfy(
                        c -> assertThat(answers).as("a case that shows %s", c).anyMatch(c::answers));
    }

    /** What the cases of a kind expect the API server to answer. */
    private static List<String> answers(Class<?> kind) throws IOException {
        var folder = Path.of(
                System.getProperty("cleanroom.root"),
                "crds/cases",
                kind.getSimpleName().toLowerCase(Locale.ROOT));
        var found = new ArrayList<String>();
        try (var files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                Files.readAllLines(file).stream()
                        .filter(line -> line.startsWith("# message: "))
                        .map(line -> line.substring("# message: ".length()))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private static void collectUnbounded(JsonNode schema, String path, List<String> found) {
        var bound = switch (schema.path("type").asText()) {
            case "string" -> schema.has("enum") ? "enum" : "maxLength";
            case "array" -> "maxItems";
            case "object" -> schema.has("additionalProperties") ? "maxProperties" : "type";
            case "" -> "maxLength"; // a quantity: integer or string
            default -> "type";
        };
        if (!schema.has(bound)) {
            found.add(path + " has no " + bound);
        }
        children(schema, path).forEach((at, child) -> collectUnbounded(child, at, found));
    }

    private static void collectUndescribed(JsonNode schema, String path, List<String> found) {
        if (!path.endsWith("[]") && schema.path("description").asText().isBlank()) {
            found.add(path);
        }
        children(schema, path).forEach((at, child) -> collectUndescribed(child, at, found));
    }

    private static Map<String, JsonNode> children(JsonNode schema, String path) {
        var children = new LinkedHashMap<String, JsonNode>();
        schema.path("properties").properties().forEach(p -> children.put(path + "." + p.getKey(), p.getValue()));
        for (String values : List.of("items", "additionalProperties")) {
            if (schema.has(values)) {
                children.put(path + "[]", schema.get(values));
            }
        }
        return children;
    }

    private static JsonNode schema(Class<? extends CustomResource<?, ?>> kind) {
        return CrdGenerator.definition(kind).at("/spec/versions/0/schema/openAPIV3Schema");
    }

    private static JsonNode property(Class<? extends CustomResource<?, ?>> kind, String name) {
        return schema(kind).path("properties").path(name);
    }
}
