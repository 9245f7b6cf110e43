package dev.cleanroom.operator.incident.resources;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.pod.IncidentNames;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The incident about a pod that is past active. It has no owner, because it outlives pod and environment. */
public final class OpenedIncident {
    private static final int MAX_TEXT_LENGTH = 1_024;

    private OpenedIncident() {}

    /** @param namespace of the incident: the pod's own unless that is being deleted */
    public static BuildIncident of(Pod pod, String namespace) {
        String podNamespace = pod.getMetadata().getNamespace();
        String uid = pod.getMetadata().getUid();
        var incident = new BuildIncident();
        incident.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(IncidentNames.incident(pod.getMetadata().getName(), uid))
                .withLabels(labels(pod))
                .withAnnotations(environmentUid(pod))
                .build());
        incident.setSpec(new BuildIncidentSpec(
                new BuildIncidentSpec.Subject(
                        pod.getMetadata().getName(), uid, namespace.equals(podNamespace) ? null : podNamespace),
                new BuildIncidentSpec.Trigger(
                        BuildIncidentSpec.TriggerSource.Annotation,
                        annotation(pod, CleanroomApi.QUARANTINE_ANNOTATION).orElse("no reason was given"),
                        annotation(pod, CleanroomApi.QUARANTINED_BY_ANNOTATION).orElse(null)),
                null));
        return incident;
    }

    /** The owner of the pod. Deleting the pod's environment then ends in seconds and deletes no evidence. */
    public static OwnerReference ownerReference(BuildIncident incident) {
        return new OwnerReferenceBuilder()
                .withApiVersion(incident.getApiVersion())
                .withKind(incident.getKind())
                .withName(incident.getMetadata().getName())
                .withUid(incident.getMetadata().getUid())
                .withController(true)
                .build();
    }

    public static Map<String, String> labels(Pod pod) {
        return Map.of(
                CleanroomApi.ENVIRONMENT_LABEL,
                pod.getMetadata().getLabels().getOrDefault(CleanroomApi.ENVIRONMENT_LABEL, ""));
    }

    /**
     * The environment that owns the pod: a later environment of the same name has nothing to do with it. The uid of an
     * orphan's environment is empty, so that no environment waits for this incident. There is no annotation if something
     * else owns the pod, as its incident does later.
     */
    public static Map<String, String> environmentUid(Pod pod) {
        List<OwnerReference> controllers = pod.getMetadata().getOwnerReferences().stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .toList();
        if (controllers.isEmpty()) {
            return Map.of(CleanroomApi.ENVIRONMENT_UID_ANNOTATION, "");
        }
        return controllers.stream()
                .filter(owner -> owner.getKind().equals("BuildEnvironment"))
                .findFirst()
                .map(owner -> Map.of(CleanroomApi.ENVIRONMENT_UID_ANNOTATION, owner.getUid()))
                .orElse(Map.of());
    }

    private static Optional<String> annotation(Pod pod, String key) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return Optional.ofNullable(annotations == null ? null : annotations.get(key))
                .filter(text -> !text.isBlank())
                .map(text -> text.length() <= MAX_TEXT_LENGTH ? text : text.substring(0, MAX_TEXT_LENGTH));
    }
}
