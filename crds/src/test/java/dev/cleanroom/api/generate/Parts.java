package dev.cleanroom.api.generate;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.client.CustomResource;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The top-level fields of a kind beside its metadata: spec and status, or fields of its own if it has neither. */
final class Parts {
    static Map<String, Class<?>> of(Class<? extends CustomResource<?, ?>> kind) {
        var parts = new LinkedHashMap<String, Class<?>>();
        var arguments = ((ParameterizedType) kind.getGenericSuperclass()).getActualTypeArguments();
        parts.put("spec", (Class<?>) arguments[0]);
        parts.put("status", (Class<?>) arguments[1]);
        parts.values().removeIf(type -> type == Void.class);
        for (Field field : kind.getDeclaredFields()) {
            if (field.getType().isRecord()) {
                parts.put(field.getName(), field.getType());
            }
        }
        return parts;
    }

    /** Further top-level fields, which are no records. */
    static List<Field> plain(Class<? extends CustomResource<?, ?>> kind) {
        return Arrays.stream(kind.getDeclaredFields())
                .filter(field -> field.isAnnotationPresent(JsonPropertyDescription.class))
                .filter(field -> !field.getType().isRecord())
                .toList();
    }

    private Parts() {}
}
