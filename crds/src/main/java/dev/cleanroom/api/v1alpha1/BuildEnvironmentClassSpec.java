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

/** The word of the platform team; what is absent is neither set nor limited, unless its description says so. */
@JsonClassDescription("Defaults for environments, and limits they cannot cross.")
public record BuildEnvironmentClassSpec(
        @JsonPropertyDescription(
                "Namespaces that may use the class, by label; when absent, every namespace open for builds.")
        @Nullable LabelSelector allowedNamespaces,

        @JsonPropertyDescription("Where and as whom build pods run.") @Nullable PodSettings pod,

        @JsonPropertyDescription("Used where an environment says nothing.") @Nullable Defaults defaults,

        @JsonPropertyDescription("What an environment may ask for at most.") @Nullable Limits limits,

        @JsonPropertyDescription("What a workspace must be.") @Nullable WorkspacePolicy workspace,

        @JsonPropertyDescription("What an environment may let its pods reach at most.") @Nullable EgressPolicy egress,

        @JsonPropertyDescription("Which Secrets an environment may mount.") @Nullable SecretPolicy secrets,

        @JsonPropertyDescription("Which identity an environment may have.") @Nullable IdentityPolicy identity,

        @JsonPropertyDescription(
                "Name of a ConfigMap in the environment's namespace, certificates to trust, mounted into every step at"
                        + " /etc/cleanroom/trust-bundle.")
        @Nullable @Text(TextKind.DNS_NAME)
        String trustBundle,

        @JsonPropertyDescription(
                "Secrets of type kubernetes.io/dockerconfigjson in the operator's namespace with which images and their"
                        + " signatures are read, after an environment's own imagePullSecrets. For verification alone: no"
                        + " pod gets them, so nodes must be able to pull by themselves. The chart's"
                        + " verificationPullSecrets lets the operator read them.")
        @Size(max = 16) @ListKeys("name")
        @Nullable List<PullSecret> verificationPullSecrets,

        @JsonPropertyDescription("What is done when a pod is under suspicion.") @Nullable ResponsePolicy response,

        @JsonPropertyDescription("Where evidence goes.") @Nullable EvidencePolicy evidence,

        @JsonPropertyDescription(
                "How many incidents an environment may have before its pods are no longer replaced by themselves; when"
                        + " absent, 3 in 1h.")
        @Nullable RebuildLimit rebuildLimit) {

    /** Defaults, and whether an environment may say otherwise. */
    @JsonClassDescription("What is done when a pod is under suspicion, where an environment says nothing.")
    public record ResponsePolicy(
            @JsonPropertyDescription("As response.order of an environment; when absent, IsolateFirst.") @Nullable ResponseOrder order,

            @JsonPropertyDescription("As response.rebuild of an environment; when absent, Automatic.") @Nullable Rebuild rebuild,

            @JsonPropertyDescription("true: an environment may not say otherwise. When absent, false.") @Nullable Boolean locked) {}

    /** Where evidence goes. */
    @JsonClassDescription("Where evidence goes.")
    public record EvidencePolicy(
            @JsonPropertyDescription(
                    "VolumeSnapshotClass for the volumes of a pod under suspicion; its deletionPolicy must be Retain."
                            + " When absent, the retaining one of the volume's driver, when there is exactly one.")
            @Nullable @Text(TextKind.DNS_NAME)
            String volumeSnapshotClassName) {}

    /** When replacing by itself ends, so that an attack that repeats does not run for ever. */
    @JsonClassDescription("How many incidents an environment may have before its pods are no longer replaced.")
    public record RebuildLimit(
            @JsonPropertyDescription("Incidents that are still answered with a replacement; when absent, 3.")
            @Min(1) @Max(1_000) @Nullable Integer incidents,

            @JsonPropertyDescription("In how long a time, such as 1h; when absent, 1h.")
            @Nullable @Text(TextKind.LIFETIME)
            String window) {}

    /** Where and as whom build pods run. */
    @JsonClassDescription("Where and as whom build pods run.")
    public record PodSettings(
            @JsonPropertyDescription("RuntimeClass of the pods, such as a sandbox.") @Nullable @Text(TextKind.DNS_NAME)
            String runtimeClassName,

            @JsonPropertyDescription("Labels of the nodes that builds run on.") @Size(max = 32) @Nullable Map<String, @Text(TextKind.LABEL_VALUE) String> nodeSelector,

            @JsonPropertyDescription("Taints that builds tolerate.") @Size(max = 32) @Nullable List<Toleration> tolerations,

            @JsonPropertyDescription(
                    "false gives each pod a user namespace of its own, where nodes can; when absent, the cluster's"
                            + " default.")
            @Nullable Boolean hostUsers,

            @JsonPropertyDescription("User that every process of the pod runs as, never root; when absent, 10001.")
            @Min(1) @Max(2_147_483_647) @Nullable Long uid,

            @JsonPropertyDescription("Group of the processes and of the mounted files; when absent, 10001.")
            @Min(1) @Max(2_147_483_647) @Nullable Long gid,

            @JsonPropertyDescription("PriorityClass of the pods.") @Nullable @Text(TextKind.DNS_NAME)
            String priorityClassName,

            @JsonPropertyDescription("Further labels of the pods, for cost or a mesh opt-out.")
            @Size(max = 32) @ValidationRule(value = Identity.NOT_OURS, message = Identity.NOT_OURS_MESSAGE)
            @Nullable Map<String, @Text(TextKind.LABEL_VALUE) String> labels,

            @JsonPropertyDescription("Further annotations of the pods.")
            @Size(max = 32) @ValidationRule(value = Identity.NOT_OURS, message = Identity.NOT_OURS_MESSAGE)
            @Nullable Map<String, @Text(TextKind.SHORT) String> annotations) {}

    /** Used where an environment says nothing. */
    @JsonClassDescription("Used where an environment says nothing.")
    public record Defaults(
            @JsonPropertyDescription(
                    "Resources of each container, resource by resource; where absent, limits of 2 cpu, 2Gi memory and 10Gi"
                            + " ephemeral-storage, requests of 500m, 512Mi and 1Gi.")
            @Nullable ComputeResources resources,

            @JsonPropertyDescription(
                    "Most that may be written to /tmp, and as much to HOME, in bytes; when absent, 1Gi.")
            @Nullable Quantity tmpSize) {}

    /** What an environment may ask for at most. */
    @JsonClassDescription("What an environment may ask for at most; what is absent is not limited.")
    public record Limits(
            @JsonPropertyDescription(
                    "Greatest limit of one container, by resource; a default that is greater is lowered to it.")
            @Size(max = 16) @ValidationRule(value = ComputeResources.NAMES, message = ComputeResources.NAMES_MESSAGE)
            @Nullable Map<String, Quantity> resources,

            @JsonPropertyDescription("Extended resources that may be asked for; when absent, none.")
            @Size(max = 32) @ListKeys
            @Nullable List<@Text(TextKind.EXTENDED_RESOURCE) String> extendedResources,

            @JsonPropertyDescription("Most replicas of one environment, 1 to 1000.") @Min(1) @Max(1_000) @Nullable Integer replicas,

            @JsonPropertyDescription("Greatest workspace, in bytes.") @Nullable Quantity workspaceSize,

            @JsonPropertyDescription(
                    "Storage classes that a workspace may use, and must then name one of; when absent, any.")
            @Size(max = 64) @ListKeys
            @Nullable List<@Text(TextKind.DNS_NAME) String> storageClasses,

            @JsonPropertyDescription(
                    "Platforms that an environment may name, such as linux/amd64, and must then name one of; when absent,"
                            + " any.")
            @Size(max = 16) @ListKeys
            @Nullable List<@Text(TextKind.PLATFORM) String> platforms,

            @JsonPropertyDescription("Longest maxLifetime, such as 12h.") @Nullable @Text(TextKind.LIFETIME)
            String maxLifetime) {}

    @JsonClassDescription("What a workspace must be.")
    public record WorkspacePolicy(
            @JsonPropertyDescription(
                    "true: an environment must have a workspace claim, since an emptyDir dies with its pod and is no"
                            + " evidence. When absent, false.")
            @Nullable Boolean requireClaim) {}

    @JsonClassDescription("What an environment may let its pods reach at most.")
    public record EgressPolicy(
            @JsonPropertyDescription("The limit; when absent, there is none.") @Nullable Ceiling ceiling) {
        @JsonClassDescription("Destinations that egress must lie within; what is not listed is refused.")
        public record Ceiling(
                @JsonPropertyDescription("Networks; each cidr of an environment must lie in one of them.")
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
