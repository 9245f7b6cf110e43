package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** Something suspicious that changed, or that a rule forbids. */
@JsonClassDescription("Something suspicious that changed since the known-good run, or that a rule forbids.")
public record Finding(
        @JsonPropertyDescription(
                "What was found: indicator, ecosystem, name and version, and the first 32 hexadecimal digits of a SHA-256 over"
                        + " all of it. What changes again has another key.")
        @Required
        @Text(TextKind.SHORT)
        String key,

        @JsonPropertyDescription("Low, Medium, High or Critical.") @Nullable Severity severity,

        @JsonPropertyDescription(
                "Inputs: what went into the build. Running: what the run tried. Outputs: what it left.")
        @Nullable Stage stage,

        @JsonPropertyDescription("The step that it is about, if it is about one.") @Nullable @Text(TextKind.SHORT)
        String step,

        @JsonPropertyDescription("What was found, in a sentence.") @Nullable @Text(TextKind.SHORT)
        String detail) {}
