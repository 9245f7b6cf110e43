package dev.cleanroom.operator.incident.resources;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.IncidentNames;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Map;

/** The VolumeSnapshot of a claim of the pod. Its class retains the content, no matter what happens to the object. */
public final class EvidenceSnapshot {
    public static final String COMPONENT = "snapshot";

    private EvidenceSnapshot() {}

    public static GenericKubernetesResource build(
            BuildIncident incident, String environment, String claim, String snapshotClass) {
        var snapshot = new GenericKubernetesResource();
        snapshot.setApiVersion(Resource.VOLUME_SNAPSHOT.apiVersion());
        snapshot.setKind(Resource.VOLUME_SNAPSHOT.kind());
        snapshot.setMetadata(new ObjectMetaBuilder()
                .withNamespace(incident.getMetadata().getNamespace())
                .withName(IncidentNames.workspaceSnapshot(incident.getMetadata().getName()))
                .withLabels(
                        Map.of(CleanroomApi.ENVIRONMENT_LABEL, environment, CleanroomApi.COMPONENT_LABEL, COMPONENT))
                .withOwnerReferences(OpenedIncident.ownerReference(incident))
                .build());
        snapshot.setAdditionalProperty(
                "spec",
                Map.of("volumeSnapshotClassName", snapshotClass, "source", Map.of("persistentVolumeClaimName", claim)));
        return snapshot;
    }
}
