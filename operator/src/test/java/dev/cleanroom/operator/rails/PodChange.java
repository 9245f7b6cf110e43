package dev.cleanroom.operator.rails;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.function.UnaryOperator;

/**
 * What a webhook may do to a pod.
 *
 * @param named the field that a refusal names
 */
record PodChange(String what, UnaryOperator<ObjectNode> change, String named) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static UnaryOperator<ObjectNode> put(String pointer, String json) {
        int last = pointer.lastIndexOf('/');
        return pod -> {
            ((ObjectNode) pod.at(pointer.substring(0, last)))
                    .set(pointer.substring(last + 1).replace("~1", "/"), parsed(json));
            return pod;
        };
    }

    static UnaryOperator<ObjectNode> added(String list, String json) {
        return pod -> {
            ((ArrayNode) pod.at(list)).add(parsed(json));
            return pod;
        };
    }

    static UnaryOperator<ObjectNode> removed(String list, int index) {
        return pod -> {
            ((ArrayNode) pod.at(list)).remove(index);
            return pod;
        };
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (java.io.IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
