package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Required;

/** Files of the workspace. */
@JsonClassDescription("Files of the workspace.")
public record WorkspacePattern(
        @JsonPropertyDescription(
                "Their path in the workspace, such as target/*.jar or dist/**: * stands for a part of a name, ** for any number"
                        + " of folders.")
        @Required
        @Text(TextKind.WORKSPACE_PATTERN)
        String path) {}
