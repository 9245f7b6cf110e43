package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether environments can use the class. */
@JsonClassDescription("What is known about the class. Only the operator writes it.")
public record BuildEnvironmentClassStatus(
        @JsonPropertyDescription("The metadata.generation that this status describes.") @Min(0) @Nullable Long observedGeneration,

        @JsonPropertyDescription("Ready.") @Size(max = 16) @ListKeys("type") @Nullable List<Condition> conditions) {}
