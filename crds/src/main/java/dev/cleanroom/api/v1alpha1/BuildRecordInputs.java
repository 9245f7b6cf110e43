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

/** What went into a build: its workspace before its first instruction. */
@JsonClassDescription("What went into the build.")
public record BuildRecordInputs(
        @JsonPropertyDescription(
                "Complete: the workspace was read whole, but for the files in unread. Partial: reading ended at a limit."
                        + " None: there is no prepare step, so the build itself fetches what it needs.")
        @Required
        Reading outcome,

        @JsonPropertyDescription("Why it is Partial, as a code: the reasons are explained below.")
        @Nullable @Text(TextKind.SHORT)
        String reason,

        @JsonPropertyDescription(
                "SHA-256 over the path, type, mode, size and content of every file, hexadecimal. Two runs with the same"
                        + " one had the same workspace.")
        @Nullable @Text(TextKind.SHORT)
        String sha256,

        @JsonPropertyDescription("How many files, folders and links the workspace had.") @Min(0) @Nullable Integer files,

        @JsonPropertyDescription("How many bytes of files were read.") @Min(0) @Nullable Long bytes,

        @JsonPropertyDescription("How long the reading took, in milliseconds. The build waited for it.")
        @Min(0) @Nullable Integer millis,

        @JsonPropertyDescription("The lockfiles that were read. The first 50, by path.")
        @Size(max = 50) @ListKeys("path")
        @Nullable List<Lockfile> lockfiles,

        @JsonPropertyDescription("Files that could not be read, or not be understood. The first 50.")
        @Size(max = 50) @ListKeys("path")
        @Nullable List<UnreadFile> unread,

        @JsonPropertyDescription("How many files could not be read, or not be understood.") @Min(0) @Nullable Integer unreadFiles,

        @JsonPropertyDescription("What each prepare step changed in the workspace, in the order of the steps.")
        @Size(max = 64) @ListKeys("step")
        @Nullable List<StepChange> changes) {
    /** How much of a workspace was read. */
    public enum Reading {
        Complete,
        Partial,
        None
    }

    @JsonClassDescription("A lockfile.")
    public record Lockfile(
            @JsonPropertyDescription("Its path in the workspace.") @Required @Text(TextKind.SHORT)
            String path,

            @JsonPropertyDescription("Its format, such as npm or cargo.") @Nullable @Text(TextKind.SHORT)
            String format,

            @JsonPropertyDescription("How many dependencies it names.") @Min(0) @Nullable Integer dependencies) {}

    @JsonClassDescription("A file that could not be read, or not be understood.")
    public record UnreadFile(
            @JsonPropertyDescription("Its path in the workspace.") @Required @Text(TextKind.SHORT)
            String path,

            @JsonPropertyDescription(
                    "Why: Unreadable (no permission, or not the file that it seemed to be), Vanished, Changed (while it was"
                            + " read), TooLong, Unparsable, NotUTF8.")
            @Nullable @Text(TextKind.SHORT)
            String reason) {}

    @JsonClassDescription("What a step changed in the workspace.")
    public record StepChange(
            @JsonPropertyDescription("The name of the prepare step.") @Required @Text(TextKind.SHORT)
            String step,

            @JsonPropertyDescription("How many files it added.") @Min(0) @Nullable Integer added,

            @JsonPropertyDescription("How many files it changed.") @Min(0) @Nullable Integer changed,

            @JsonPropertyDescription("How many files it removed.") @Min(0) @Nullable Integer removed) {}
}
