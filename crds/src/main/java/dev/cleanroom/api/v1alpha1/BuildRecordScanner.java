package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** A report that a scanner left in the workspace. */
@JsonClassDescription("A report that a scanner left in the workspace.")
public record BuildRecordScanner(
        @JsonPropertyDescription("Its path in the workspace.") @Required @Text(TextKind.SHORT)
        String path,

        @JsonPropertyDescription("SHA-256 of the file, hexadecimal.") @Nullable @Text(TextKind.SHORT)
        String sha256,

        @JsonPropertyDescription("The scanner, as the report names it.") @Nullable @Text(TextKind.SHORT)
        String tool,

        @JsonPropertyDescription("Its version, as the report names it.") @Nullable @Text(TextKind.SHORT)
        String version,

        @JsonPropertyDescription("How many different results it has.") @Min(0) @Nullable Integer results,

        @JsonPropertyDescription("Why its results are not known, as Unparsable or TooLong; absent if they are.")
        @Nullable @Text(TextKind.SHORT)
        String problem) {}
