package dev.cleanroom.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;

/** Checks the tests of a JSON patch against an object as it is stored now. */
final class PatchTests {
    private static final ObjectMapper JSON = new ObjectMapper();

    private PatchTests() {}

    static boolean hold(List<Api.Operation> operations, HasMetadata stored) {
        JsonNode tree = JSON.valueToTree(stored);
        return operations.stream()
                .filter(operation -> operation.op().equals("test"))
                .allMatch(test -> tree.at(test.path()).equals(JSON.valueToTree(test.value())));
    }
}
