package dev.cleanroom.operator.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.kube.Api.Operation;
import java.util.List;

/** JSON patch (RFC 6902), of it what the product and the model's actors use: test, add, replace, remove of members. */
final class JsonPatch {
    private JsonPatch() {}

    /** @return whether every operation applied; where not, {@code target} is to be thrown away */
    static boolean apply(ObjectNode target, List<Operation> operations) {
        for (Operation operation : operations) {
            int cut = operation.path().lastIndexOf('/');
            JsonNode parent = target.at(operation.path().substring(0, cut));
            String member =
                    operation.path().substring(cut + 1).replace("~1", "/").replace("~0", "~");
            if (!(parent instanceof ObjectNode object) || !apply(object, member, operation)) {
                return false;
            }
        }
        return true;
    }

    private static boolean apply(ObjectNode parent, String member, Operation operation) {
        boolean there = parent.has(member);
        switch (operation.op()) {
            case "test" -> {
                return there && parent.get(member).equals(Encoding.node(operation.value()));
            }
            // The real server replaces what is not there, too.
            case "add", "replace" -> parent.set(member, Encoding.node(operation.value()));
            case "remove" -> {
                if (!there) {
                    return false;
                }
                parent.remove(member);
            }
            default -> throw new IllegalArgumentException(operation.op());
        }
        return true;
    }
}
