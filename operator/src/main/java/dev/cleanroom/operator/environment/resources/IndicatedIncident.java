package dev.cleanroom.operator.environment.resources;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.pod.BuildPod;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Map;

/** The incident of a pod that the operator itself suspects. */
public final class IndicatedIncident {
    private IndicatedIncident() {}

    public static BuildIncident build(BuildEnvironment environment, BuildPod pod, String name, String reason) {
        var incident = new BuildIncident();
        incident.setMetadata(new ObjectMetaBuilder()
                .withNamespace(environment.getMetadata().getNamespace())
                .withName(name)
                .withLabels(Map.of(
                        CleanroomApi.ENVIRONMENT_LABEL,
                        environment.getMetadata().getName()))
                .withAnnotations(Map.of(
                        CleanroomApi.ENVIRONMENT_UID_ANNOTATION,
                        environment.getMetadata().getUid()))
                .build());
        incident.setSpec(new BuildIncidentSpec(
                new BuildIncidentSpec.Subject(
                        pod.id().name(), pod.id().precondition().uid(), null),
                new BuildIncidentSpec.Trigger(BuildIncidentSpec.TriggerSource.Indicator, reason, null),
                null));
        return incident;
    }
}
