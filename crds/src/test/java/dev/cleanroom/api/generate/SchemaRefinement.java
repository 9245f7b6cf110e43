package dev.cleanroom.api.generate;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.client.CustomResource;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Adds to a generated schema what the generator cannot express, by walking types and schema side by side: formats and
 * bounds of numbers, kinds of text, keys of lists, the client's own types as bounded fragments, and the status a
 * resource is born with, so that columns and {@code kubectl wait} say something before the operator's first write.
 */
final class SchemaRefinement {
    private static final Set<Class<?>> FRAGMENTS =
            Set.of(Quantity.class, LabelSelector.class, Toleration.class, Condition.class);

    static void refineRoot(Class<? extends CustomResource<?, ?>> kind, ObjectNode schema) {
        schema.put("description", kind.getAnnotation(JsonClassDescription.class).value());
        var properties = (ObjectNode) schema.get("properties");
        // Declared, or a rule at the root may not point to it.
        properties
                .withObject("/metadata")
                .put("type", "object")
                .withObject("/properties/name")
                .put("type", "string");
        var parts = Parts.of(kind);
        parts.forEach((name, type) -> refineRecord(type, (ObjectNode) properties.get(name)));
        for (Field field : Parts.plain(kind)) {
            var property = (ObjectNode) properties.get(field.getName());
            if (field.getType() == List.class) {
                refineListType(field, property);
            }
            refine(field.getAnnotatedType(), property);
        }
        var required = schema.putArray("required");
        parts.keySet().stream().filter(name -> !name.equals("status")).forEach(required::add);
        if (parts.containsKey("status")) {
            properties.withObject("/status").set("default", Yaml.fragment("status-of-" + kind.getSimpleName()));
        }
    }

    private static void refineRecord(Class<?> type, ObjectNode schema) {
        if (!schema.has("description")) {
            schema.put(
                    "description",
                    type.getAnnotation(JsonClassDescription.class).value());
        }
        for (RecordComponent component : type.getRecordComponents()) {
            var property = (ObjectNode) schema.at("/properties/" + component.getName());
            dropRepeatedRules(property);
            if (component.getType() == List.class) {
                refineListType(field(type, component), property);
            }
            refine(component.getAnnotatedType(), property);
        }
    }

    private static void refine(AnnotatedType annotated, ObjectNode schema) {
        var type = raw(annotated);
        if (type == List.class) {
            refine(argument(annotated, 0), (ObjectNode) schema.get("items"));
        } else if (type == Map.class) {
            refine(argument(annotated, 1), (ObjectNode) schema.get("additionalProperties"));
        } else if (type.isRecord()) {
            refineRecord(type, schema);
        } else if (FRAGMENTS.contains(type)) {
            replace(schema, Yaml.fragment(type.getSimpleName()));
        } else if (type == String.class) {
            refineText(annotated.getAnnotation(Text.class), schema);
        } else if (type == Integer.class || type == Long.class) {
            refineInteger(type, schema);
        }
    }

    private static void refineInteger(Class<?> type, ObjectNode schema) {
        schema.put("format", type == Long.class ? "int64" : "int32");
        for (String bound : List.of("minimum", "maximum")) {
            if (schema.has(bound)) {
                schema.put(bound, schema.get(bound).asLong()); // the annotations' double reads 2.147483647E9
            }
        }
    }

    private static void refineText(Text text, ObjectNode schema) {
        TextKind kind = text.value();
        if (kind.minLength() > 0) {
            schema.put("minLength", kind.minLength());
        }
        schema.put("maxLength", kind.maxLength());
        for (TextKind.Rule rule : kind.rules()) {
            schema.withArray("/x-kubernetes-validations")
                    .addObject()
                    .put("rule", rule.cel())
                    .put("message", rule.message());
        }
    }

    private static void refineListType(Field field, ObjectNode schema) {
        var keys = field.getAnnotation(ListKeys.class);
        if (keys == null) {
            schema.put("x-kubernetes-list-type", "atomic");
        } else if (keys.value().length == 0) {
            schema.put("x-kubernetes-list-type", "set");
        } else {
            schema.put("x-kubernetes-list-type", "map");
            var array = schema.putArray("x-kubernetes-list-map-keys");
            List.of(keys.value()).forEach(array::add);
        }
    }

    /** A rule on a record component reaches field and accessor, and the generator counts both. */
    private static void dropRepeatedRules(ObjectNode schema) {
        var rules = schema.remove("x-kubernetes-validations");
        if (rules != null) {
            var once = new LinkedHashSet<JsonNode>();
            rules.forEach(once::add);
            schema.putArray("x-kubernetes-validations").addAll(once);
        }
    }

    /** The fragment, under the description and rules that the property has of its own. */
    private static void replace(ObjectNode schema, ObjectNode fragment) {
        var description = schema.get("description");
        schema.removeAll();
        if (description != null) {
            schema.set("description", description);
        }
        schema.setAll(fragment);
    }

    static Class<?> raw(AnnotatedType annotated) {
        var type = annotated.getType();
        return (Class<?>) (type instanceof ParameterizedType p ? p.getRawType() : type);
    }

    static AnnotatedType argument(AnnotatedType annotated, int index) {
        return ((AnnotatedParameterizedType) annotated).getAnnotatedActualTypeArguments()[index];
    }

    private static Field field(Class<?> type, RecordComponent component) {
        try {
            return type.getDeclaredField(component.getName());
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(e);
        }
    }

    private SchemaRefinement() {}
}
