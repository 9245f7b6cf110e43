package dev.cleanroom.operator.trust.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.NullValue;
import dev.cleanroom.operator.trust.sigstore.Json;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the value that an expression is about from a predicate. */
final class PredicateValue {
    /** The most values in a predicate. A statement that is parsed has no more. */
    static final int MOST_VALUES = Json.MAX_TOKENS;

    private int values;

    private PredicateValue() {}

    /** A predicate has too many values. */
    static final class TooLarge extends Exception {
        private static final long serialVersionUID = 1L;

        TooLarge() {
            super("the predicate has more than " + MOST_VALUES + " values", null, false, false);
        }
    }

    /** What is no object is empty. */
    static Map<String, Object> of(JsonNode predicate) throws TooLarge {
        return predicate.isObject() ? new PredicateValue().fields(predicate) : Map.of();
    }

    private Map<String, Object> fields(JsonNode object) throws TooLarge {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            // A field that is null counts as missing.
            if (!field.getValue().isNull()) {
                fields.put(field.getKey(), value(field.getValue()));
            }
        }
        return fields;
    }

    private List<Object> items(JsonNode list) throws TooLarge {
        List<Object> items = new ArrayList<>();
        for (JsonNode item : list) {
            items.add(value(item));
        }
        return items;
    }

    private Object value(JsonNode node) throws TooLarge {
        values++;
        if (values > MOST_VALUES) {
            throw new TooLarge();
        }
        return switch (node.getNodeType()) {
            case OBJECT -> fields(node);
            case ARRAY -> items(node);
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> number(node);
            case STRING -> node.textValue();
            default -> NullValue.NULL_VALUE;
        };
    }

    /** As exact as CEL allows: as doubles, 2^63 and 2^63-1 would be equal. */
    private static Object number(JsonNode node) {
        if (!node.isIntegralNumber()) {
            return node.doubleValue();
        }
        BigInteger whole = node.bigIntegerValue();
        if (whole.bitLength() < Long.SIZE) {
            return whole.longValue();
        }
        return whole.signum() > 0 && whole.bitLength() == Long.SIZE
                ? UnsignedLong.valueOf(whole)
                : (Object) whole.doubleValue();
    }
}
