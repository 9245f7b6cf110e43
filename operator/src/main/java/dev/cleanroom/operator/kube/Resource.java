package dev.cleanroom.operator.kube;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import org.jspecify.annotations.Nullable;

/** The kinds that this operator reads or writes by name, with their API paths. */
public enum Resource {
    POD("v1", "Pod", "pods"),
    SERVICE_ACCOUNT("v1", "ServiceAccount", "serviceaccounts"),
    CONFIG_MAP("v1", "ConfigMap", "configmaps"),
    SECRET("v1", "Secret", "secrets"),
    EVENT("events.k8s.io/v1", "Event", "events"),
    NETWORK_POLICY("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    BUILD_ENVIRONMENT(CleanroomApi.GROUP + "/" + CleanroomApi.VERSION, "BuildEnvironment", "buildenvironments"),
    BUILD_ENVIRONMENT_CLASS(
            CleanroomApi.GROUP + "/" + CleanroomApi.VERSION, "BuildEnvironmentClass", "buildenvironmentclasses"),
    TRUST_POLICY(CleanroomApi.GROUP + "/" + CleanroomApi.VERSION, "TrustPolicy", "trustpolicies"),
    BUILD_INCIDENT(CleanroomApi.GROUP + "/" + CleanroomApi.VERSION, "BuildIncident", "buildincidents"),
    BUILD_RECORD(CleanroomApi.GROUP + "/" + CleanroomApi.VERSION, "BuildRecord", "buildrecords"),
    DISRUPTION_BUDGET("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    LIMIT_RANGE("v1", "LimitRange", "limitranges"),
    CLAIM("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    VOLUME("v1", "PersistentVolume", "persistentvolumes"),
    VOLUME_SNAPSHOT("snapshot.storage.k8s.io/v1", "VolumeSnapshot", "volumesnapshots"),
    VOLUME_SNAPSHOT_CONTENT("snapshot.storage.k8s.io/v1", "VolumeSnapshotContent", "volumesnapshotcontents"),
    VALIDATING_POLICY("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies"),
    VALIDATING_POLICY_BINDING(
            "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings"),
    MUTATING_POLICY("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", "mutatingadmissionpolicies"),
    MUTATING_POLICY_BINDING(
            "admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings"),
    VOLUME_SNAPSHOT_CLASS("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", "volumesnapshotclasses");

    private final String apiVersion;
    private final String kind;
    private final String plural;

    Resource(String apiVersion, String kind, String plural) {
        this.apiVersion = apiVersion;
        this.kind = kind;
        this.plural = plural;
    }

    public String apiVersion() {
        return apiVersion;
    }

    public String kind() {
        return kind;
    }

    public String plural() {
        return plural;
    }

    /** The path of the collection: in the namespace, or in all namespaces when it is null. */
    String path(@Nullable String namespace) {
        String root = apiVersion.contains("/") ? "/apis/" + apiVersion : "/api/" + apiVersion;
        return namespace == null ? root + "/" + plural : root + "/namespaces/" + namespace + "/" + plural;
    }
}
