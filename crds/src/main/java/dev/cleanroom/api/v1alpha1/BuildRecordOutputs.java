package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a build changed in its workspace. */
@JsonClassDescription("What the build changed in the workspace.")
public record BuildRecordOutputs(
        @JsonPropertyDescription(
                "Complete: the workspace was read again when the build had ended. Partial: reading ended at a limit, so the"
                        + " build may have changed more.")
        @Required
        Outcome outcome,

        @JsonPropertyDescription(
                "Why it is Partial, as a code: TooManyFiles, TooManyBytes, TooSlow, TooManyItems or Unreadable.")
        @Nullable @Text(TextKind.SHORT)
        String reason,

        @JsonPropertyDescription("How many files the build added.") @Min(0) @Nullable Integer added,

        @JsonPropertyDescription("How many of the inputs it changed.") @Min(0) @Nullable Integer changed,

        @JsonPropertyDescription("How many of the inputs it removed.") @Min(0) @Nullable Integer removed,

        @JsonPropertyDescription("How long the reading took, in milliseconds. The pod ended that much later.")
        @Min(0) @Nullable Integer millis,

        @JsonPropertyDescription(
                "The inputs that the build changed or removed, build files and lockfiles first. The first 50.")
        @Size(max = 50) @ListKeys("path")
        @Nullable List<ChangedInput> changedInputs,

        @JsonPropertyDescription(
                "Files that the build added: first those that decide what a build, a shell, an editor or an agent does, then"
                        + " executables and native files, then the others by path. The first 200.")
        @Size(max = 200) @ListKeys("path")
        @Nullable List<NewFile> newFiles) {
    /** How much of a workspace was read again. */
    public enum Outcome {
        Complete,
        Partial
    }

    @JsonClassDescription("A file that went into the build and was changed by it.")
    public record ChangedInput(
            @JsonPropertyDescription("Its path in the workspace.") @Required @Text(TextKind.SHORT)
            String path,

            @JsonPropertyDescription("Changed or Removed.") @Nullable @Text(TextKind.SHORT)
            String change) {}

    @JsonClassDescription("A file that the build added.")
    public record NewFile(
            @JsonPropertyDescription("Its path in the workspace.") @Required @Text(TextKind.SHORT)
            String path,

            @JsonPropertyDescription("Its size in bytes.") @Min(0) @Nullable Long size,

            @JsonPropertyDescription("file, folder, link or other.") @Nullable @Text(TextKind.SHORT)
            String type,

            @JsonPropertyDescription("true if it may be executed; absent if not.") @Nullable Boolean executable,

            @JsonPropertyDescription("true if it is machine code; absent if not.") @Nullable Boolean nativeCode) {}
}
