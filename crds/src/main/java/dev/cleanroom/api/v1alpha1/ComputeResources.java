package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests and limits of one container. */
@JsonClassDescription("Requests and limits of one container, by resource name.")
@ValidationRule(
        value = "!has(self.requests) || !has(self.limits) || self.requests.all(k, !(k in self.limits)"
                + " || !isQuantity(string(self.requests[k])) || !isQuantity(string(self.limits[k]))"
                + " || quantity(string(self.requests[k])).compareTo(quantity(string(self.limits[k]))) <= 0)",
        message = "a request must not exceed the limit of the same resource")
public record ComputeResources(
        @JsonPropertyDescription("What the container is scheduled with, such as cpu: 500m or memory: 2Gi.")
        @Size(max = 16) @ValidationRule(value = ComputeResources.NAMES, message = ComputeResources.NAMES_MESSAGE)
        @Nullable Map<String, Quantity> requests,

        @JsonPropertyDescription("The most that the container may use.")
        @Size(max = 16) @ValidationRule(value = ComputeResources.NAMES, message = ComputeResources.NAMES_MESSAGE)
        @Nullable Map<String, Quantity> limits) {
    static final String NAMES = "self.all(k, k in ['cpu', 'memory', 'ephemeral-storage'] || k.contains('/'))";
    static final String NAMES_MESSAGE =
            "must be cpu, memory, ephemeral-storage or an extended resource such as vendor.example/gpu";
}
