package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How runs are observed. */
@JsonClassDescription("How runs are observed.")
public record Detection(
        @JsonPropertyDescription(
                "Report: an observer in each pod records what the run asks for, and a BuildRecord keeps it; no build is"
                        + " stopped because of it. \"Off\", in quotes in YAML: neither. When absent, the class's value, otherwise Report. A pod"
                        + " keeps the observer with which it was created, or has none.")
        @Nullable DetectionMode mode,

        @JsonPropertyDescription(
                "What the build makes: files of the workspace whose content and, if they are archives, entries a record lists when"
                        + " the build has ended. When absent, the class's; an empty list: none.")
        @Size(max = 16) @ListKeys("path")
        @Nullable List<WorkspacePattern> artifacts,

        @JsonPropertyDescription(
                "Reports of scanners in SARIF, whose results a record lists when the build has ended. When absent, the class's;"
                        + " an empty list: none.")
        @Size(max = 16) @ListKeys("path")
        @Nullable List<WorkspacePattern> reports) {}
