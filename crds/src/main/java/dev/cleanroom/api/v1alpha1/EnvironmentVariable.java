package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A variable with a value of its own, or one read from the pod. */
@JsonClassDescription("An environment variable: value or valueFrom, not both.")
@ValidationRule(
        value = "has(self.value) != has(self.valueFrom)",
        message = "needs exactly one of value (which may be empty) and valueFrom")
public record EnvironmentVariable(
        @JsonPropertyDescription("Name of the variable; not HOME, and not beginning with CLEANROOM_.")
        @Required
        @Text(TextKind.ENV_NAME)
        String name,

        @JsonPropertyDescription(
                "Its value, which may be empty. Do not use it for secrets: anyone who reads" + " pods can read it.")
        @Nullable @Text(TextKind.FREE)
        String value,

        @JsonPropertyDescription("A field of the pod instead of a value.") @Nullable ValueFrom valueFrom) {
    @JsonClassDescription("Where a value comes from.")
    public record ValueFrom(
            @JsonPropertyDescription("metadata.name, metadata.namespace or metadata.uid, of the pod.")
            @Required
            @Text(TextKind.FIELD_REF)
            String fieldRef) {}
}
