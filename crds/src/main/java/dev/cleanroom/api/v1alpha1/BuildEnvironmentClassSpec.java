package dev.cleanroom.api.v1alpha1;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;

public record BuildEnvironmentClassSpec(
        LabelSelector allowedNamespaces,
        PodSettings pod,
        Defaults defaults,
        Limits limits,
        WorkspacePolicy workspace,
        EgressPolicy egress,
        SecretPolicy secrets,
        IdentityPolicy identity,
        String trustBundle) {

    /** Where and as whom build pods run. */
    public record PodSettings(
            String runtimeClassName,
            Map<String, String> nodeSelector,
            List<Toleration> tolerations,
            Boolean hostUsers,
            Long uid,
            Long gid,
            String priorityClassName,
            Map<String, String> labels,
            Map<String, String> annotations) {}

    /** Used where an environment says nothing. */
    public record Defaults(ComputeResources resources, Quantity tmpSize) {}

    /** What an environment may ask for at most. */
    public record Limits(
            Map<String, Quantity> resources,
            List<String> extendedResources,
            Integer replicas,
            Quantity workspaceSize,
            List<String> storageClasses,
            String maxLifetime) {}

    public record WorkspacePolicy(Boolean requireClaim) {}

    public record EgressPolicy(Ceiling ceiling) {
        public record Ceiling(List<String> cidrs, List<LabelSelector> namespaceSelectors, Boolean ownNamespace) {}
    }

    /** allowed: exact names, or a prefix followed by {@code *}. */
    public record SecretPolicy(List<String> allowed) {}

    public record IdentityPolicy(Allowed allowed) {
        public record Allowed(List<String> audiences, Map<String, String> annotations) {}
    }
}
