package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the platform team decides. An absent field sets and limits nothing, unless its description says otherwise. */
@JsonClassDescription("Defaults for environments, and limits that they cannot exceed.")
public record BuildEnvironmentClassSpec(
        @JsonPropertyDescription(
                "Selects the namespaces that may use the class, by label; when absent, every namespace open for"
                        + " builds.")
        @Nullable LabelSelector allowedNamespaces,

        @JsonPropertyDescription("On which nodes and as which user build pods run.") @Nullable PodSettings pod,

        @JsonPropertyDescription("Used if an environment does not set the field.") @Nullable Defaults defaults,

        @JsonPropertyDescription("The most that an environment may ask for.") @Nullable Limits limits,

        @JsonPropertyDescription("What a workspace must be.") @Nullable WorkspacePolicy workspace,

        @JsonPropertyDescription("The destinations that an environment may at most allow its pods to reach.") @Nullable EgressPolicy egress,

        @JsonPropertyDescription("Which Secrets an environment may mount.") @Nullable SecretPolicy secrets,

        @JsonPropertyDescription("Which identity an environment may have.") @Nullable IdentityPolicy identity,

        @JsonPropertyDescription(
                "Name of a ConfigMap in the environment's namespace that contains certificates to trust. It is"
                        + " mounted into every step at /etc/cleanroom/trust-bundle.")
        @Nullable @Text(TextKind.DNS_NAME)
        String trustBundle,

        @JsonPropertyDescription(
                "Secrets of type kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg in the operator's"
                        + " namespace, used to read images and their signatures after an environment's own"
                        + " imagePullSecrets. They are for verification only: no pod gets them, so the nodes need their"
                        + " own credentials to pull. The chart's verificationPullSecrets allows the operator to read them.")
        @Size(max = 16) @ListKeys("name")
        @Nullable List<PullSecret> verificationPullSecrets,

        @JsonPropertyDescription("What is done when a pod is under suspicion.") @Nullable ResponsePolicy response,

        @JsonPropertyDescription("How evidence is stored.") @Nullable EvidencePolicy evidence,

        @JsonPropertyDescription("How many incidents an environment may have before its pods are no longer replaced"
                + " automatically; when absent, 3 in 1h.")
        @Nullable RebuildLimit rebuildLimit,

        @JsonPropertyDescription("How runs are observed, if an environment does not set it.") @Nullable DetectionPolicy detection) {

    /** The default mode, and whether an environment may override it. */
    @JsonClassDescription("How runs are observed, if an environment does not set it.")
    public record DetectionPolicy(
            @JsonPropertyDescription("Like detection.mode of an environment; when absent, Report.") @Nullable DetectionMode mode,

            @JsonPropertyDescription("Like detection.artifacts of an environment; when absent, none.")
            @Size(max = 16) @ListKeys("path")
            @Nullable List<WorkspacePattern> artifacts,

            @JsonPropertyDescription("Like detection.reports of an environment; when absent, none.")
            @Size(max = 16) @ListKeys("path")
            @Nullable List<WorkspacePattern> reports,

            @JsonPropertyDescription(
                    "true: an environment may not set another mode, nor other artifacts or reports where the class has some."
                            + " When absent, false.")
            @Nullable Boolean locked) {}

    /** Defaults, and whether an environment may override them. */
    @JsonClassDescription("What is done when a pod is under suspicion, if an environment does not set it.")
    public record ResponsePolicy(
            @JsonPropertyDescription("Like response.order of an environment; when absent, IsolateFirst.") @Nullable ResponseOrder order,

            @JsonPropertyDescription("Like response.rebuild of an environment; when absent, Automatic.") @Nullable Rebuild rebuild,

            @JsonPropertyDescription("true: an environment may not set another value. When absent, false.") @Nullable Boolean locked) {}

    /** How evidence is stored. */
    @JsonClassDescription("How evidence is stored.")
    public record EvidencePolicy(
            @JsonPropertyDescription(
                    "VolumeSnapshotClass for the volumes of a pod under suspicion; its deletionPolicy must be"
                            + " Retain. When absent, the one of the volume's driver that retains, if there is"
                            + " exactly one.")
            @Nullable @Text(TextKind.DNS_NAME)
            String volumeSnapshotClassName) {}

    /** When automatic replacement ends, so that an attack that repeats does not run forever. */
    @JsonClassDescription("How many incidents an environment may have before its pods are no longer replaced.")
    public record RebuildLimit(
            @JsonPropertyDescription(
                    "Number of incidents that are still answered with a replacement; when" + " absent, 3.")
            @Min(1) @Max(1_000) @Nullable Integer incidents,

            @JsonPropertyDescription("The time in which incidents are counted, such as 1h; when absent, 1h.")
            @Nullable @Text(TextKind.LIFETIME)
            String window) {}

    /** On which nodes and as which user build pods run. */
    @JsonClassDescription("On which nodes and as which user build pods run.")
    public record PodSettings(
            @JsonPropertyDescription("RuntimeClass of the pods, such as a sandbox.") @Nullable @Text(TextKind.DNS_NAME)
            String runtimeClassName,

            @JsonPropertyDescription("Labels of the nodes on which builds run.") @Size(max = 32) @Nullable Map<String, @Text(TextKind.LABEL_VALUE) String> nodeSelector,

            @JsonPropertyDescription("Taints that builds tolerate.") @Size(max = 32) @Nullable List<Toleration> tolerations,

            @JsonPropertyDescription(
                    "false gives each pod its own user namespace, on nodes that support it; when absent, the"
                            + " cluster's default.")
            @Nullable Boolean hostUsers,

            @JsonPropertyDescription("User that runs every process of the pod, never root; when absent, 10001.")
            @Min(1) @Max(2_147_483_647) @Nullable Long uid,

            @JsonPropertyDescription("Group of the processes and of the mounted files; when absent, 10001.")
            @Min(1) @Max(2_147_483_647) @Nullable Long gid,

            @JsonPropertyDescription("PriorityClass of the pods.") @Nullable @Text(TextKind.DNS_NAME)
            String priorityClassName,

            @JsonPropertyDescription(
                    "More labels for the pods, for example for cost allocation or a mesh" + " opt-out.")
            @Size(max = 32) @ValidationRule(value = Identity.NOT_OURS, message = Identity.NOT_OURS_MESSAGE)
            @Nullable Map<String, @Text(TextKind.LABEL_VALUE) String> labels,

            @JsonPropertyDescription("More annotations for the pods.")
            @Size(max = 32) @ValidationRule(value = Identity.NOT_OURS, message = Identity.NOT_OURS_MESSAGE)
            @Nullable Map<String, @Text(TextKind.SHORT) String> annotations,

            @JsonPropertyDescription(
                    "What admission webhooks and policies may change in the pods, for example those of a mesh. When"
                            + " absent, they may change nothing that decides what runs and what it reaches.")
            @Nullable AllowedChanges allowedChanges) {}

    /** What an admission plug-in may add, set or remove in a build pod when it is created. */
    @JsonClassDescription("What admission webhooks and policies may add, set or remove in the pods.")
    public record AllowedChanges(
            @JsonPropertyDescription("Labels, by their keys.")
            @Size(max = 32) @ListKeys
            @ValidationRule(value = Identity.NOT_OURS, message = Identity.NOT_OURS_MESSAGE)
            @Nullable List<@Text(TextKind.QUALIFIED_NAME) String> labels,

            @JsonPropertyDescription(
                    "Annotations, by their keys. An annotation can have a great effect, for example add a network"
                            + " interface: list those that you know.")
            @Size(max = 32) @ListKeys
            @ValidationRule(value = Identity.NOT_OURS, message = Identity.NOT_OURS_MESSAGE)
            @Nullable List<@Text(TextKind.QUALIFIED_NAME) String> annotations,

            @JsonPropertyDescription(
                    "Whether tolerations may be changed, for example by a RuntimeClass; builds can then run on nodes with"
                            + " these taints. When absent, false.")
            @Nullable Boolean tolerations) {}

    /** Used if an environment does not set the field. */
    @JsonClassDescription("Used if an environment does not set the field.")
    public record Defaults(
            @JsonPropertyDescription(
                    "Resources of each container, resource by resource; where absent, limits of 2 cpu, 2Gi memory and 10Gi"
                            + " ephemeral-storage, requests of 500m, 512Mi and 1Gi.")
            @Nullable ComputeResources resources,

            @JsonPropertyDescription(
                    "The most that may be written to /tmp, and again to HOME, in bytes; when absent, 1Gi.")
            @Nullable Quantity tmpSize) {}

    /** The most that an environment may ask for. */
    @JsonClassDescription("The most that an environment may ask for; an absent field limits nothing.")
    public record Limits(
            @JsonPropertyDescription(
                    "Greatest limit of one container, by resource; a greater default is lowered to it.")
            @Size(max = 16) @ValidationRule(value = ComputeResources.NAMES, message = ComputeResources.NAMES_MESSAGE)
            @Nullable Map<String, Quantity> resources,

            @JsonPropertyDescription("Extended resources that may be asked for; when absent, none.")
            @Size(max = 32) @ListKeys
            @Nullable List<@Text(TextKind.EXTENDED_RESOURCE) String> extendedResources,

            @JsonPropertyDescription("Most pods that one environment keeps of the replicas it asks for, 1 to 1000.")
            @Min(1) @Max(1_000) @Nullable Integer replicas,

            @JsonPropertyDescription("Greatest size of a workspace, in bytes.") @Nullable Quantity workspaceSize,

            @JsonPropertyDescription(
                    "Storage classes that a workspace may use; it must then name one of them. When absent, any.")
            @Size(max = 64) @ListKeys
            @Nullable List<@Text(TextKind.DNS_NAME) String> storageClasses,

            @JsonPropertyDescription(
                    "Platforms that an environment may name, such as linux/amd64; it must then name one of them."
                            + " When absent, any.")
            @Size(max = 16) @ListKeys
            @Nullable List<@Text(TextKind.PLATFORM) String> platforms,

            @JsonPropertyDescription("Longest maxLifetime, such as 12h.") @Nullable @Text(TextKind.LIFETIME)
            String maxLifetime) {}

    @JsonClassDescription("What a workspace must be.")
    public record WorkspacePolicy(
            @JsonPropertyDescription(
                    "true: an environment must have a workspace claim, because an emptyDir is deleted with its"
                            + " pod and cannot be evidence. When absent, false.")
            @Nullable Boolean requireClaim) {}

    @JsonClassDescription("The destinations that an environment may at most allow its pods to reach.")
    public record EgressPolicy(
            @JsonPropertyDescription("The limit; when absent, there is none.") @Nullable Ceiling ceiling) {
        @JsonClassDescription(
                "Destinations that contain every allowed egress rule; a destination outside them" + " is refused.")
        public record Ceiling(
                @JsonPropertyDescription("Networks; each cidr of an environment must be inside one of them.")
                @Size(max = 64) @ListKeys
                @Nullable List<@Text(TextKind.CIDR) String> cidrs,

                @JsonPropertyDescription("Namespace selectors; an environment's must equal one of them.")
                @Size(max = 32) @Nullable List<LabelSelector> namespaceSelectors,

                @JsonPropertyDescription(
                        "Whether pods of the environment's own namespace may be reached. When absent, false.")
                @Nullable Boolean ownNamespace) {}
    }

    /** allowed: exact names, or a prefix followed by {@code *}. */
    @JsonClassDescription("Which Secrets an environment may mount.")
    public record SecretPolicy(
            @JsonPropertyDescription("Names, or beginnings of names followed by *; when absent, any.")
            @Size(max = 256) @ListKeys
            @Nullable List<@Text(TextKind.NAME_PATTERN) String> allowed) {}

    @JsonClassDescription("Which identity an environment may have.")
    public record IdentityPolicy(
            @JsonPropertyDescription("What is allowed; when absent, nothing.") @Nullable Allowed allowed) {
        @JsonClassDescription("Audiences and annotations that an identity may have.")
        public record Allowed(
                @JsonPropertyDescription("Audiences; the API server's own is never allowed: see Identity.")
                @Size(max = 64) @ListKeys
                @Nullable List<@Text(TextKind.AUDIENCE) String> audiences,

                @JsonPropertyDescription("Annotations, by key and exact value.") @Size(max = 32) @Nullable Map<String, @Text(TextKind.SHORT) String> annotations) {}
    }
}
