package dev.cleanroom.api.generate;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The reference of the API for people: a table a type, fields in the order the type declares them, limits from the
 * schema itself. What is written by hand about a kind, its conditions above all, is taken from
 * {@code reference/<kind>.md} on the class path where there is such a file.
 */
final class ReferencePage {
    private static final String INTRODUCTION = """
            # API reference: `cleanroom.dev/v1alpha1`

            <!-- Generated from the types in crds/src/main/java by `make generate`: change them, not this file. -->

            The API server checks what is listed under *limits* and refuses a resource with the sentence given there.
            Fields without a default may be left out unless they are required. Quantities are written as everywhere in
            Kubernetes (`500m`, `2`, `4Gi`), times in RFC 3339.
            """;

    private static final String HEADING = "| field | type | default | limits | meaning |\n|---|---|---|---|---|";

    private record Pending(Class<?> type, JsonNode schema) {}

    private final StringBuilder page = new StringBuilder(INTRODUCTION);
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final Set<Class<?>> known = new HashSet<>();

    static String of(List<Class<? extends CustomResource<?, ?>>> kinds) {
        var reference = new ReferencePage();
        kinds.forEach(reference::kind);
        return reference.page.toString();
    }

    private void kind(Class<? extends CustomResource<?, ?>> kind) {
        var schema = CrdGenerator.definition(kind).at("/spec/versions/0/schema/openAPIV3Schema");
        line("\n## " + kind.getSimpleName() + "\n");
        line(kind.getAnnotation(JsonClassDescription.class).value());
        line("\n`%s`, short name `%s`, category `%s`.%s\n"
                .formatted(
                        HasMetadata.getPlural(kind),
                        String.join("`, `", kind.getAnnotation(ShortNames.class).value()),
                        String.join("`, `", kind.getAnnotation(Categories.class).value()),
                        schema.has("x-kubernetes-validations") ? rules(schema, " `metadata.name` ") : ""));
        columns(kind);
        Parts.of(kind).forEach((name, type) -> enqueue(type, schema.at("/properties/" + name)));
        List<Field> plain = Parts.plain(kind);
        if (!plain.isEmpty()) {
            line("\n" + HEADING);
            plain.forEach(field -> row(schema, field.getName(), field.getAnnotatedType()));
        }
        while (!pending.isEmpty()) {
            var next = pending.poll();
            record(next.type(), next.schema());
        }
        handWritten(kind);
    }

    private void columns(Class<?> kind) {
        line("| column of `kubectl get` | shows |\n|---|---|");
        for (var column : kind.getAnnotationsByType(AdditionalPrinterColumn.class)) {
            line("| %s%s | %s |"
                    .formatted(
                            column.name().toUpperCase(Locale.ROOT),
                            column.priority() > 0 ? " (`-o wide`)" : "",
                            column.getDescription().isEmpty()
                                    ? "`" + column.jsonPath() + "`"
                                    : column.getDescription()));
        }
    }

    private void record(Class<?> type, JsonNode schema) {
        line("\n### " + type.getSimpleName() + "\n");
        line(type.getAnnotation(JsonClassDescription.class).value() + "\n");
        line(HEADING);
        for (RecordComponent component : type.getRecordComponents()) {
            row(schema, component.getName(), component.getAnnotatedType());
        }
        var rules = schema.path("x-kubernetes-validations");
        if (!rules.isEmpty()) {
            line("");
            rules.forEach(rule -> line("- %s%s"
                    .formatted(
                            rule.has("fieldPath")
                                    ? "`" + rule.get("fieldPath").asText().substring(1) + "`: "
                                    : "",
                            rule.get("message").asText())));
        }
    }

    private void row(JsonNode schema, String name, AnnotatedType type) {
        var property = schema.path("properties").path(name);
        var required =
                schema.path("required").valueStream().anyMatch(r -> r.asText().equals(name));
        line("| `%s` | %s | %s | %s | %s |"
                .formatted(
                        name,
                        typeName(type, property),
                        defaultOf(property),
                        cell((required ? "required" : "") + limits(property)),
                        cell(property.path("description").asText())));
    }

    private String typeName(AnnotatedType annotated, JsonNode schema) {
        Class<?> type = SchemaRefinement.raw(annotated);
        if (type == List.class) {
            return "list of " + typeName(SchemaRefinement.argument(annotated, 0), schema.path("items"));
        }
        if (type == Map.class) {
            return "map of " + typeName(SchemaRefinement.argument(annotated, 1), schema.path("additionalProperties"));
        }
        if (type.isRecord()) {
            enqueue(type, schema);
            return "[%s](#%s)"
                    .formatted(type.getSimpleName(), type.getSimpleName().toLowerCase(Locale.ROOT));
        }
        if (type.isEnum()) { // its words are listed among the limits
            return "string";
        }
        return switch (type.getSimpleName()) {
            case "Integer", "Long" -> "integer";
            case "LabelSelector", "Toleration", "Condition", "Quantity" -> type.getSimpleName();
            default -> type.getSimpleName().toLowerCase(Locale.ROOT);
        };
    }

    private void enqueue(Class<?> type, JsonNode schema) {
        if (known.add(type)) {
            pending.add(new Pending(type, schema));
        }
    }

    private static String defaultOf(JsonNode schema) {
        return schema.has("default") && schema.get("default").isValueNode()
                ? "`" + schema.get("default").asText() + "`"
                : "";
    }

    private static String limits(JsonNode schema) {
        var text = new StringBuilder();
        range(text, schema, "minLength", "maxLength", " characters");
        range(text, schema, "minItems", "maxItems", " items");
        range(text, schema, "minProperties", "maxProperties", " entries");
        range(text, schema, "minimum", "maximum", "");
        if (schema.has("enum")) {
            text.append("; one of ");
            schema.get("enum")
                    .forEach(value -> text.append("`").append(value.asText()).append("` "));
        }
        if (schema.has("x-kubernetes-list-map-keys")) {
            text.append("; each `")
                    .append(schema.at("/x-kubernetes-list-map-keys/0").asText())
                    .append("` once");
        } else if (schema.path("x-kubernetes-list-type").asText().equals("set")) {
            text.append("; no item twice");
        }
        if (!schema.has("properties")) { // a type's own rules are listed with the type
            text.append(rules(schema, "; "));
        }
        for (String values : List.of("items", "additionalProperties")) {
            if (schema.has(values) && !schema.path(values).has("properties")) {
                text.append(limits(schema.get(values)).replaceFirst("^; ", "; each: "));
            }
        }
        return text.toString();
    }

    private static String rules(JsonNode schema, String before) {
        var text = new StringBuilder();
        schema.path("x-kubernetes-validations")
                .forEach(rule -> text.append(before).append(rule.get("message").asText()));
        return text.toString();
    }

    private static void range(StringBuilder text, JsonNode schema, String least, String most, String unit) {
        if (schema.has(least) && schema.has(most)) {
            text.append("; ").append(schema.get(least)).append(" to ").append(schema.get(most));
        } else if (schema.has(most)) {
            text.append("; up to ").append(schema.get(most));
        } else if (schema.has(least)) {
            text.append("; at least ").append(schema.get(least));
        } else {
            return;
        }
        text.append(unit);
    }

    private static String cell(String text) {
        return text.replaceFirst("^; ", "").strip().replace("|", "\\|");
    }

    private void handWritten(Class<?> kind) {
        try (var in = ReferencePage.class.getResourceAsStream("/reference/" + kind.getSimpleName() + ".md")) {
            if (in != null) {
                line("\n" + new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void line(String text) {
        page.append(text).append('\n');
    }
}
