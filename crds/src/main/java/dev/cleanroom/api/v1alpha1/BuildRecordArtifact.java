package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file that a build made. */
@JsonClassDescription("A file that the build made.")
public record BuildRecordArtifact(
        @JsonPropertyDescription("Its path in the workspace.") @Required @Text(TextKind.SHORT)
        String path,

        @JsonPropertyDescription("Its size in bytes.") @Min(0) @Nullable Long size,

        @JsonPropertyDescription("SHA-256 of the file, hexadecimal; absent if it was not read whole.")
        @Nullable @Text(TextKind.SHORT)
        String sha256,

        @JsonPropertyDescription("zip, tar, oci, or file for one that is no archive.") @Nullable @Text(TextKind.SHORT)
        String format,

        @JsonPropertyDescription("How many entries the archive has, those of archives in it included.")
        @Min(0) @Nullable Integer entries,

        @JsonPropertyDescription(
                "SHA-256 over its entries, without their order and times, hexadecimal. Two archives with the same one have the"
                        + " same files.")
        @Nullable @Text(TextKind.SHORT)
        String content,

        @JsonPropertyDescription(
                "What programs could understand differently, or was not read: the codes are explained below.")
        @Size(max = 16) @Nullable List<@Text(TextKind.SHORT) String> problems) {}
