package dev.cleanroom.operator.incident.model;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.trust.registry.Digest;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Optional;

/** The image of a suspect pod that may be denied. */
final class SuspectImage {
    private SuspectImage() {}

    /** The digest with which the pod's build was created; admission kept it unchanged. */
    static Optional<String> digest(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return Optional.ofNullable(annotations == null ? null : annotations.get(CleanroomApi.BUILD_IMAGE_ANNOTATION))
                .flatMap(image -> BuildPod.digests(image).stream().findFirst())
                // Without the guard rails, anyone who may patch a pod can write any text there.
                .filter(digest -> Digest.parse(digest).isPresent());
    }
}
