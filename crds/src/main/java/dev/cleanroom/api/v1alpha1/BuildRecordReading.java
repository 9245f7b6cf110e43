package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** How much was read of what a build made. */
@JsonClassDescription("How much was read of what the build made.")
public record BuildRecordReading(
        @JsonPropertyDescription(
                "Complete: each file that a pattern matches was read. Partial: reading ended at a limit, so there may be more.")
        @Required
        BuildRecordOutputs.Outcome outcome,

        @JsonPropertyDescription("Why it is Partial, as a code: TooManyFiles, TooManyBytes, TooSlow or TooManyItems.")
        @Nullable @Text(TextKind.SHORT)
        String reason,

        @JsonPropertyDescription("How many files matched.") @Min(0) @Nullable Integer count,

        @JsonPropertyDescription("How many entries or results they have.") @Min(0) @Nullable Integer items) {}
