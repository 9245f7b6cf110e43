package dev.cleanroom.operator.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a custom resource without ever failing: what does not bind exactly (a wrong type, an unknown enum value, an
 * unknown field) leaves spec and status null and the reason, with its path, on the object. Reading an unknown value as
 * null would silently take the default, so binding is strict.
 */
final class TolerantDeserializer<S, T, R extends CustomResource<S, T>> extends JsonDeserializer<R> {
    /** Enough to name a field; a hostile value is not echoed at length. */
    private static final int MAX_PROBLEM_LENGTH = 200;

    private static final ObjectMapper STRICT = strict();

    private final Class<R> type;
    private final Supplier<R> factory;
    private final Class<S> specType;
    private final Class<T> statusType;
    private final BiConsumer<R, String> markUnreadable;

    TolerantDeserializer(
            Class<R> type,
            Supplier<R> factory,
            Class<S> specType,
            Class<T> statusType,
            BiConsumer<R, String> markUnreadable) {
        this.type = type;
        this.factory = factory;
        this.specType = specType;
        this.statusType = statusType;
        this.markUnreadable = markUnreadable;
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
            if (!tree.path("spec").isObject()) {
                throw new Unbindable("spec: missing or not an object");
            }
            S spec = bind(tree.get("spec"), specType, "spec");
            T status = tree.hasNonNull("status") ? bind(tree.get("status"), statusType, "status") : null;
            resource.setSpec(spec);
            resource.setStatus(status);
        } catch (Unbindable e) {
            markUnreadable.accept(resource, e.getMessage());
        }
        return resource;
    }

    private static <V> V bind(JsonNode node, Class<V> target, String root) throws Unbindable {
        try {
            return STRICT.treeToValue(node, target);
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

    private static ObjectMapper strict() {
        var module = new SimpleModule("strict");
        module.setDeserializerModifier(new BeanDeserializerModifier() {
            @Override
            public BeanDeserializerBuilder updateBuilder(
                    DeserializationConfig config, BeanDescription bean, BeanDeserializerBuilder builder) {
                // The client's model classes swallow unknown fields: a mistyped selector would select everything.
                if (bean.getBeanClass() != Condition.class) {
                    builder.setAnySetter(null);
                }
                return builder;
            }
        });
        ObjectMapper mapper = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .addModule(module)
                .build();
        var text = mapper.coercionConfigFor(LogicalType.Textual);
        text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
        text.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
        text.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
        return mapper;
    }

    private static final class Unbindable extends Exception {
        private static final long serialVersionUID = 1L;

        Unbindable(String message) {
            super(message);
        }
    }
}
