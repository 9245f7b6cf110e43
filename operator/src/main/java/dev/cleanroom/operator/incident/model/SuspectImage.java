package dev.cleanroom.operator.incident.model;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.trust.registry.Digest;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Optional;

/** What of a suspect pod may be denied. */
final class SuspectImage {
    private SuspectImage() {}

    /** The digest that its build ran, as the pod was made; admission has kept it. */
    static Optional<String> digest(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return Optional.ofNullable(annotations == null ? null : annotations.get(CleanroomApi.BUILD_IMAGE_ANNOTATION))
                .flatMap(image -> BuildPod.digests(image).stream().findFirst())
                // Whoever may patch a pod writes there what they like, where the guard rails are not installed.
                .filter(digest -> Digest.parse(digest).isPresent());
    }
}
