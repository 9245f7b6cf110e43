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

/** What a team asks for; the descriptions are the documentation of the fields. */
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
        value =
                "!has(self.egress) || self.egress.all(r, !has(r.phases)) || (has(self.prepare) && size(self.prepare) > 0)",
        fieldPath = ".egress",
        message = "phases distinguish the prepare steps from the build: add a step to prepare, or remove phases")
@ValidationRule(
        value = "!has(self.identity) || !has(self.identity.phases) || (has(self.prepare) && size(self.prepare) > 0)",
        fieldPath = ".identity",
        message = "phases distinguish the prepare steps from the build: add a step to prepare, or remove phases")
@ValidationRule(
        value = MountRules.APART,
        message = "mount paths of the secrets and configs of one step must differ and must not contain one"
                + " another: choose another mountPath")
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
                "Image of the build, by tag or digest. A name without a registry is one of Docker Hub: maven:3.9 is"
                        + " docker.io/library/maven:3.9. The pod runs only the verified digest; the condition"
                        + " ImageVerified reports which one, or why there is none.")
        @Required
        @Text(TextKind.IMAGE)
        String image,

        @JsonPropertyDescription(
                "Secrets of type kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg in this namespace, used to"
                        + " pull the images and to read their signatures.")
        @Size(max = 16) @ListKeys("name")
        @Nullable List<PullSecret> imagePullSecrets,

        @JsonPropertyDescription(
                "Platform whose image is used of a multi-architecture image, such as linux/amd64; when absent,"
                        + " the node's own. The class can limit it.")
        @Nullable @Text(TextKind.PLATFORM)
        String platform,

        @JsonPropertyDescription(
                "Program and first arguments. Required: the ENTRYPOINT of an image is never used. $(NAME) is"
                        + " replaced by the variable NAME of env. The launcher starts the program, which can"
                        + " signal only processes that it has started, if the kernel has Landlock's scope for"
                        + " signals (Linux 6.12 and later).")
        @Required
        @Size(min = 1, max = 64) @ValidationRule(
                value = "size(self) == 0 || self[0] != ''",
                message = "the first item is the program to run: it must not be empty")
        List<@Text(TextKind.FREE) String> command,

        @JsonPropertyDescription("More arguments. The CMD of an image is never used. $(NAME) as in command.")
        @Size(max = 256) @Nullable List<@Text(TextKind.FREE) String> args,

        @JsonPropertyDescription("Environment variables of the build. Secrets are files, never variables: see secrets.")
        @Size(max = 128) @ListKeys("name")
        @Nullable List<EnvironmentVariable> env,

        @JsonPropertyDescription(
                "Directory in which the build starts; when absent, where the workspace is" + " mounted.")
        @Nullable @Text(TextKind.DIRECTORY)
        String workingDir,

        @JsonPropertyDescription(
                "Resources of the build. A resource that is absent comes from the class; limits on cpu, memory"
                        + " and ephemeral-storage are always set.")
        @Nullable ComputeResources resources,

        @JsonPropertyDescription(
                "A volume claim for each pod, shared by its steps and deleted with the pod. When absent, the"
                        + " workspace is an emptyDir of 8Gi at /workspace.")
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
                "Steps before the build, in this order, on the same workspace, hardened and verified like the"
                        + " build. Their secrets are not mounted into the build.")
        @Size(max = 16) @ListKeys("name")
        @Nullable List<PrepareStep> prepare,

        @JsonPropertyDescription(
                "A projected token for workload identity. When absent, the pod has no token of any kind.")
        @Nullable Identity identity,

        @JsonPropertyDescription(
                "The destinations to which the pods may connect, by TCP. Nothing that is not listed can be"
                        + " reached, not even DNS.")
        @Size(max = 64) @ListKeys("name")
        @Nullable List<EgressRule> egress,

        @JsonPropertyDescription("Complete: a task, which runs once for each spec, and again when the annotation"
                + " cleanroom.dev/rerun gets a value that no run has answered. Replace: an agent, which"
                + " gets a fresh pod each time one ends.")
        @Default("Complete")
        OnExit onExit,

        @JsonPropertyDescription(
                "Number of pods wanted; more than 1, or 0, only with onExit Replace. kubectl scale sets it. If the"
                        + " class allows fewer, that many are kept.")
        @Default("1")
        @Min(0) @Max(1_000) @SpecReplicas
        Integer replicas,

        @JsonPropertyDescription(
                "How often a failed build runs again, only with onExit Complete. Failures of the infrastructure"
                        + " do not count.")
        @Default("0")
        @Min(0) @Max(10) Integer retries,

        @JsonPropertyDescription("How long a pod may run, such as 4h or 90m; then it is ended. At most 720h.")
        @Default("4h")
        @Text(TextKind.LIFETIME)
        String maxLifetime,

        @JsonPropertyDescription(
                "How long ended pods and their claims are kept, such as 1h. The BuildEnvironment itself stays"
                        + " unless afterFinished is Delete. At most 8760h.")
        @Default("1h")
        @Text(TextKind.RETENTION)
        String ttlAfterFinished,

        @JsonPropertyDescription(
                "Keep: the BuildEnvironment stays when its task has finished. Delete: it is deleted after"
                        + " ttlAfterFinished, but not while one of its pods is held or an incident about one is"
                        + " open; only with onExit Complete. Use Delete for a BuildEnvironment that is created for"
                        + " one build. If it comes from Git, it would be created again, and would build again,"
                        + " forever.")
        @Default("Keep")
        AfterFinished afterFinished,

        @JsonPropertyDescription("What is done when a pod is under suspicion; a class can lock it.") @Nullable Response response,

        @JsonPropertyDescription("How runs are observed; a class can lock it. A change applies to new pods.") @Nullable Detection detection,

        @JsonPropertyDescription("What is built, as text that a CI system sets; it is copied to records.") @Nullable Source source) {}
