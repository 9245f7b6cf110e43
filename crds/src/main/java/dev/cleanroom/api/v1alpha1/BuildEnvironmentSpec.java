package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The wish of a team; the descriptions are the documentation of the fields. */
@JsonClassDescription("What to build with, what it may read, and what it may reach.")
@ValidationRule(
        value = "self.onExit == 'Replace' || self.replicas == 1",
        fieldPath = ".replicas",
        message = "onExit Complete runs once: leave replicas at 1, or set onExit to Replace")
@ValidationRule(
        value = "self.onExit == 'Complete' || self.retries == 0",
        fieldPath = ".retries",
        message = "onExit Replace always starts a fresh pod: leave retries at 0, or set onExit to Complete")
@ValidationRule(
        value = "self.onExit == 'Complete' || self.afterFinished == 'Keep'",
        fieldPath = ".afterFinished",
        message = "onExit Replace never finishes: leave afterFinished at Keep, or set onExit to Complete")
@ValidationRule(
        value = MountRules.APART,
        message = "secrets and configs of one step need mount paths that differ and do not lie within one another")
@ValidationRule(
        value = MountRules.OUTSIDE_WORKSPACE,
        message = "secrets and configs must not be mounted over, into or around the workspace"
                + " (workspace.mountPath, else /workspace): choose another mountPath")
@ValidationRule(
        value = MountRules.PREPARE_OUTSIDE_WORKSPACE,
        fieldPath = ".prepare",
        message = "secrets and configs must not be mounted over, into or around the workspace"
                + " (workspace.mountPath, else /workspace): choose another mountPath")
public record BuildEnvironmentSpec(
        @JsonPropertyDescription(
                "Name of the BuildEnvironmentClass. When absent, the class annotated cleanroom.dev/is-default-class.")
        @Nullable @Text(TextKind.DNS_NAME)
        String className,

        @JsonPropertyDescription(
                "Image of the build, by tag or digest. The pod runs the verified digest only; condition ImageVerified"
                        + " says which, or why none.")
        @Required
        @Text(TextKind.IMAGE)
        String image,

        @JsonPropertyDescription(
                "Secrets of type kubernetes.io/dockerconfigjson in this namespace with which the images are pulled and their"
                        + " signatures read.")
        @Size(max = 16) @ListKeys("name")
        @Nullable List<PullSecret> imagePullSecrets,

        @JsonPropertyDescription(
                "Which image of a multi-architecture one runs, such as linux/amd64; when absent, the node's own. The class"
                        + " can limit it.")
        @Nullable @Text(TextKind.PLATFORM)
        String platform,

        @JsonPropertyDescription(
                "Program and first arguments. Required: the ENTRYPOINT of an image is never used. $(NAME) is replaced"
                        + " by the variable NAME of env. The launcher starts it: it can signal only what it has started,"
                        + " where the kernel has Landlock's scope for signals (Linux 6.12 and later).")
        @Required
        @Size(min = 1, max = 64) @ValidationRule(
                value = "size(self) == 0 || self[0] != ''",
                message = "the first item is the program to run: it must not be empty")
        List<@Text(TextKind.FREE) String> command,

        @JsonPropertyDescription("Further arguments. The CMD of an image is never used. $(NAME) as in command.")
        @Size(max = 256) @Nullable List<@Text(TextKind.FREE) String> args,

        @JsonPropertyDescription("Environment variables of the build. Secrets are files, never variables: see secrets.")
        @Size(max = 128) @ListKeys("name")
        @Nullable List<EnvironmentVariable> env,

        @JsonPropertyDescription("Directory the build starts in; when absent, where the workspace is mounted.")
        @Nullable @Text(TextKind.DIRECTORY)
        String workingDir,

        @JsonPropertyDescription(
                "Resources of the build. What is absent comes from the class; limits on cpu, memory and"
                        + " ephemeral-storage are always set.")
        @Nullable ComputeResources resources,

        @JsonPropertyDescription(
                "A volume claim a pod, shared by its steps, gone with the pod. When absent, the workspace is an"
                        + " emptyDir of 8Gi at /workspace.")
        @Nullable Workspace workspace,

        @JsonPropertyDescription(
                "/tmp and HOME (/home/build) of each step, writable; the rest of the image is read-only.")
        @Nullable Tmp tmp,

        @JsonPropertyDescription("Secrets of the namespace as files of the build, mode 0440.")
        @Size(max = 16) @ListKeys("name")
        @Nullable List<FileSource> secrets,

        @JsonPropertyDescription("ConfigMaps of the namespace as files of the build.")
        @Size(max = 16) @ListKeys("name")
        @Nullable List<FileSource> configs,

        @JsonPropertyDescription(
                "Steps before the build, in this order, on the same workspace, hardened and verified like it. Their"
                        + " secrets are not mounted into the build.")
        @Size(max = 16) @ListKeys("name")
        @Nullable List<PrepareStep> prepare,

        @JsonPropertyDescription(
                "A projected token for workload identity. When absent, no token of any kind is in the pod.")
        @Nullable Identity identity,

        @JsonPropertyDescription(
                "What the pods may connect to, by TCP. Nothing is reachable that is not listed, DNS included.")
        @Size(max = 64) @ListKeys("name")
        @Nullable List<EgressRule> egress,

        @JsonPropertyDescription(
                "Complete: a task, runs once a spec, and again when the annotation cleanroom.dev/rerun gets a value"
                        + " that no run has answered. Replace: an agent, a fresh pod each time one ends.")
        @Default("Complete")
        OnExit onExit,

        @JsonPropertyDescription("Pods wanted; more than 1, or 0, with onExit Replace only. kubectl scale sets it.")
        @Default("1")
        @Min(0) @Max(1_000) @SpecReplicas
        Integer replicas,

        @JsonPropertyDescription(
                "How often a failed build runs again, with onExit Complete only. Failures of the infrastructure do not"
                        + " count.")
        @Default("0")
        @Min(0) @Max(10) Integer retries,

        @JsonPropertyDescription("How long a pod may live, such as 4h or 90m; it is ended then. At most 720h.")
        @Default("4h")
        @Text(TextKind.LIFETIME)
        String maxLifetime,

        @JsonPropertyDescription(
                "How long pods that have ended are kept with their claims, such as 1h. The BuildEnvironment itself"
                        + " stays, but see afterFinished. At most 8760h.")
        @Default("1h")
        @Text(TextKind.RETENTION)
        String ttlAfterFinished,

        @JsonPropertyDescription(
                "Keep: the BuildEnvironment stays when its task has finished. Delete: it is deleted after"
                        + " ttlAfterFinished, but not while a pod of it is held or an incident about one is open; with"
                        + " onExit Complete only. Delete is for a BuildEnvironment that is made for one build: one that"
                        + " comes from Git would be created again, and build again, for ever.")
        @Default("Keep")
        AfterFinished afterFinished,

        @JsonPropertyDescription("What is done when a pod is under suspicion; a class can lock it.") @Nullable Response response) {}
