package dev.cleanroom.api.generate;

import io.fabric8.kubernetes.client.CustomResource;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.util.LinkedHashMap;
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

    private Parts() {}
}
