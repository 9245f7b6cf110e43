package dev.cleanroom.operator.kube;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Binds as strictly as the CRD's schema, for objects that the schema of another version accepted. A value that no
 * decision could read (a quantity of "lots", a lifetime of "soon", no image) fails here, where its path is known.
 */
final class StrictBinding {
    private StrictBinding() {}

    static ObjectMapper mapper() {
        var module = new SimpleModule("strict");
        module.setDeserializerModifier(new BeanDeserializerModifier() {
            @Override
            public BeanDeserializerBuilder updateBuilder(
                    DeserializationConfig config, BeanDescription bean, BeanDeserializerBuilder builder) {
                // The client's model classes ignore unknown fields: a mistyped selector would select everything.
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
                .defaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL))
                .annotationIntrospector(new SchemaAnnotations())
                .addModule(module)
                .build();
        var text = mapper.coercionConfigFor(LogicalType.Textual);
        text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
        text.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
        text.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
        return mapper;
    }

    /** Reads the annotations from which the CRD's schema is generated. */
    private static final class SchemaAnnotations extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable Boolean hasRequiredMarker(AnnotatedMember member) {
            return member.hasAnnotation(Required.class) ? Boolean.TRUE : super.hasRequiredMarker(member);
        }

        @Override
        public JsonSetter.Value findSetterInfo(Annotated annotated) {
            return annotated.hasAnnotation(Required.class)
                    ? JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL)
                    : super.findSetterInfo(annotated);
        }

        @Override
        public @Nullable Object findDeserializer(Annotated annotated) {
            if (annotated instanceof AnnotatedClass && annotated.getRawType() == Quantity.class) {
                // The client's own deserializer, which the class names, accepts any text, and even true.
                return QuantityDeserializer.class;
            }
            Text text = annotated.getAnnotation(Text.class);
            return switch (text == null ? TextKind.FREE : text.value()) {
                case LIFETIME, RETENTION -> DurationTextDeserializer.class;
                case TIME -> TimeTextDeserializer.class;
                default -> super.findDeserializer(annotated);
            };
        }
    }

    private static final class QuantityDeserializer extends JsonDeserializer<Quantity> {
        /** The schema has no limit for what may be a number, and reading one of a million digits takes minutes. */
        private static final int MOST_CHARACTERS = 64;

        @Override
        public Quantity deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (!parser.hasToken(JsonToken.VALUE_STRING)
                    && !parser.currentToken().isNumeric()) {
                return (Quantity) context.handleUnexpectedToken(Quantity.class, parser);
            }
            String text = parser.getText();
            if (text.length() > MOST_CHARACTERS) {
                return (Quantity) context.handleWeirdStringValue(
                        Quantity.class, text.substring(0, MOST_CHARACTERS), "a quantity has at most 64 characters");
            }
            try {
                Quantity quantity = Quantity.parse(text);
                quantity.getNumericalAmount();
                return quantity;
            } catch (IllegalArgumentException | ArithmeticException e) {
                return (Quantity)
                        context.handleWeirdStringValue(Quantity.class, text, "not a quantity such as 500m or 2Gi");
            }
        }
    }

    private static final class TimeTextDeserializer extends CheckedText {
        TimeTextDeserializer() {
            super(TimeTextDeserializer::isTime, "not a time in RFC 3339");
        }

        private static boolean isTime(String text) {
            try {
                Instant unused = Instant.parse(text);
                return true;
            } catch (DateTimeParseException e) {
                return false;
            }
        }
    }

    private static final class DurationTextDeserializer extends CheckedText {
        private static final Pattern DURATION = Pattern.compile(TextKind.DURATION_PATTERN);

        DurationTextDeserializer() {
            super(DURATION.asMatchPredicate(), "not a duration such as 4h or 90m");
        }
    }

    private abstract static class CheckedText extends JsonDeserializer<String> {
        private final Predicate<String> valid;
        private final String problem;

        CheckedText(Predicate<String> valid, String problem) {
            this.valid = valid;
            this.problem = problem;
        }

        @Override
        public String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                return (String) context.handleUnexpectedToken(String.class, parser);
            }
            String text = parser.getText();
            return valid.test(text) ? text : (String) context.handleWeirdStringValue(String.class, text, problem);
        }
    }
}
