package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An init container of the pod, with secrets that the build does not see. */
@JsonClassDescription("A step before the build.")
@ValidationRule(
        value = MountRules.APART,
        message = "mount paths of the secrets and configs of one step must differ and must not contain one"
                + " another: choose another mountPath")
public record PrepareStep(
        @JsonPropertyDescription("Name of the step, and of its container.")
        @Required
        @ValidationRule(
                value = "!(self in ['build', 'gate', 'observer'])",
                message = "build, gate and observer are reserved for the operator: choose another name")
        @Text(TextKind.DNS_LABEL)
        String name,

        @JsonPropertyDescription("Image of the step, by tag or digest; verified like the build's.")
        @Required
        @Text(TextKind.IMAGE)
        String image,

        @JsonPropertyDescription("Program and first arguments; the ENTRYPOINT of an image is never used.")
        @Required
        @Size(min = 1, max = 64) @ValidationRule(
                value = "size(self) == 0 || self[0] != ''",
                message = "the first item is the program to run: it must not be empty")
        List<@Text(TextKind.FREE) String> command,

        @JsonPropertyDescription("More arguments.") @Size(max = 256) @Nullable List<@Text(TextKind.FREE) String> args,

        @JsonPropertyDescription("Environment variables of the step; it does not get those of the build.")
        @Size(max = 128) @ListKeys("name")
        @Nullable List<EnvironmentVariable> env,

        @JsonPropertyDescription(
                "Directory in which the step starts; when absent, where the workspace is" + " mounted.")
        @Nullable @Text(TextKind.DIRECTORY)
        String workingDir,

        @JsonPropertyDescription("Resources of the step; a resource that is absent comes from the class.") @Nullable ComputeResources resources,

        @JsonPropertyDescription("Secrets as files, for this step only.") @Size(max = 16) @ListKeys("name") @Nullable List<FileSource> secrets,

        @JsonPropertyDescription("ConfigMaps as files, for this step only.") @Size(max = 16) @ListKeys("name") @Nullable List<FileSource> configs) {}
