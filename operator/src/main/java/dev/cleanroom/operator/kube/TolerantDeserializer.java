package dev.cleanroom.operator.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a custom resource and never fails. If the spec does not bind exactly (a wrong type, an unknown enum value, an
 * unknown field, a missing required field), the spec is null and the object has the reason, with the field's path.
 * Binding is strict, because an unknown value that was read as null would silently become the default. Spec and status
 * are bound separately, so an error in one does not lose the other.
 */
final class TolerantDeserializer<S, T, R extends CustomResource<S, T>> extends JsonDeserializer<R> {
    /** Enough to name a field, and short enough that a hostile value is not repeated at length. */
    private static final int MAX_PROBLEM_LENGTH = 200;

    private static final ObjectMapper SPEC = StrictBinding.mapper();

    /**
     * Only the operator writes a status. After a rollback, a field of the newer version must not stop the older one.
     */
    private static final ObjectMapper STATUS =
            StrictBinding.mapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final Class<R> type;
    private final Supplier<R> factory;
    private final Class<S> specType;
    private final Class<T> statusType;
    private final Marks<R> marks;

    /** Where the reason is stored if an object's spec, or its status, could not be bound. */
    record Marks<R>(BiConsumer<R, String> spec, BiConsumer<R, String> status) {}

    TolerantDeserializer(Class<R> type, Supplier<R> factory, Class<S> specType, Class<T> statusType, Marks<R> marks) {
        this.type = type;
        this.factory = factory;
        this.specType = specType;
        this.statusType = statusType;
        this.marks = marks;
    }

    @Override
    public Class<R> handledType() {
        return type;
    }

    @Override
    public R deserialize(JsonParser parser, DeserializationContext context) throws IOException {
        JsonNode tree = parser.readValueAsTree();
        R resource = factory.get();
        resource.setMetadata(parser.getCodec().treeToValue(tree.path("metadata"), ObjectMeta.class));
        try {
            if (tree.hasNonNull("status")) {
                resource.setStatus(bind(STATUS, tree.get("status"), statusType, "status"));
            }
        } catch (Unbindable e) {
            marks.status().accept(resource, e.getMessage());
        }
        try {
            if (!tree.path("spec").isObject()) {
                throw new Unbindable("spec: is missing or is not an object");
            }
            resource.setSpec(bind(SPEC, tree.get("spec"), specType, "spec"));
        } catch (Unbindable e) {
            marks.spec().accept(resource, e.getMessage());
        }
        return resource;
    }

    private static <V> V bind(ObjectMapper mapper, JsonNode node, Class<V> target, String root) throws Unbindable {
        try {
            return mapper.treeToValue(node, target);
        } catch (JsonMappingException e) {
            throw new Unbindable(path(root, e) + ": " + limited(e.getOriginalMessage()));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new Unbindable(root + ": " + limited(String.valueOf(e.getMessage())));
        }
    }

    private static String path(String root, JsonMappingException e) {
        var path = new StringBuilder(root);
        for (JsonMappingException.Reference step : e.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append('.').append(step.getFieldName());
            }
        }
        return path.toString();
    }

    private static String limited(@Nullable String message) {
        String text = String.valueOf(message).replaceAll("\\(class [^)]*\\)|`[a-z][\\w.$]*\\.([A-Z]\\w*)`", "$1");
        text = text.replaceAll("\\p{Cntrl}", " ").replaceAll(" +", " ");
        return text.length() <= MAX_PROBLEM_LENGTH ? text : text.substring(0, MAX_PROBLEM_LENGTH) + "...";
    }

    private static final class Unbindable extends Exception {
        private static final long serialVersionUID = 1L;

        Unbindable(String message) {
            super(message);
        }
    }
}
