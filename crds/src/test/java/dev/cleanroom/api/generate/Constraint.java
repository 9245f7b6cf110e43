package dev.cleanroom.api.generate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One limit of a schema: where, which keyword, and its value; a rule's value is its message.
 * In a path {@code []} stands for an item of a list or a value of a map.
 */
record Constraint(String path, String keyword, String value) {
    private static final List<String> KEYWORDS = List.of(
            "minLength", "maxLength", "minItems", "maxItems", "maxProperties", "minimum", "maximum", "enum", "pattern");

    /** Every constraint at or below the node. */
    static List<Constraint> of(JsonNode schema, String path) {
        var found = new ArrayList<Constraint>();
        collect(schema, path, found);
        return found;
    }

    private static void collect(JsonNode schema, String path, List<Constraint> found) {
        for (JsonNode rule : schema.path("x-kubernetes-validations")) {
            var at = path + rule.path("fieldPath").asText();
            found.add(new Constraint(
                    at.replaceFirst("^[.]", ""), "rule", rule.get("message").asText()));
        }
        for (String keyword : KEYWORDS) {
            if (schema.has(keyword)) {
                found.add(new Constraint(path, keyword, schema.get(keyword).asText()));
            }
        }
        if (List.of("map", "set").contains(schema.path("x-kubernetes-list-type").asText())) {
            found.add(new Constraint(path + "[]", "unique", ""));
        }
        for (JsonNode required : schema.path("required")) {
            found.add(new Constraint(child(path, required.asText()), "required", ""));
        }
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            collect(property.getValue(), child(path, property.getKey()), found);
        }
        for (String values : List.of("items", "additionalProperties")) {
            if (schema.has(values)) {
                collect(schema.get(values), path + "[]", found);
            }
        }
    }

    private static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** Whether an answer of the API server, as {@code field: message}, is this constraint's. */
    boolean answers(String answer) {
        var field = answer.substring(0, answer.indexOf(": ")).replaceAll("\\[[^]]*]", "[]");
        var message = answer.substring(answer.indexOf(": ") + 2);
        return isAt(field)
                && switch (keyword) {
                    case "rule" -> message.endsWith(": " + value);
                    case "required" -> message.equals("Required value");
                    case "unique" -> message.startsWith("Duplicate value");
                    case "enum" -> message.startsWith("Unsupported value");
                    case "maxLength" -> message.equals("Too long: may not be more than " + value + " bytes");
                    case "maxItems", "maxProperties" -> message.endsWith("must have at most " + value + " items");
                    case "minLength" -> message.endsWith("should be at least " + value + " chars long");
                    case "minItems" -> message.endsWith("should have at least " + value + " items");
                    case "minimum" -> message.endsWith("should be greater than or equal to " + value);
                    case "maximum" -> message.endsWith("should be less than or equal to " + value);
                    default -> throw new IllegalStateException("a case cannot show a " + keyword);
                };
    }

    /** A value of a map is {@code labels[key]} in the answer of a rule, {@code labels.key} in that of the schema. */
    private boolean isAt(String field) {
        return field.equals(path)
                || (path.endsWith("[]") && field.startsWith(path.substring(0, path.length() - 2) + "."));
    }
}
