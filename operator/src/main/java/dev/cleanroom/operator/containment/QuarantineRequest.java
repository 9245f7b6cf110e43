package dev.cleanroom.operator.containment;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.ContentHash;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The annotation that asks for a quarantine. On a pod, it is about that pod. On an environment, the request is the
 * changed value: a pod carries the hash of the one already answered when it was made, and is quarantined if and only if
 * the present one differs, or a clean replacement would be too, for ever.
 */
public final class QuarantineRequest {
    private static final int HASH_LENGTH = 16;

    private QuarantineRequest() {}

    /** The reason given; empty where nothing is asked. */
    public static Optional<String> on(HasMetadata object) {
        return annotation(object, CleanroomApi.QUARANTINE_ANNOTATION);
    }

    /** What a pod made now is stamped with; empty where nothing is asked of the environment. */
    public static Optional<String> hashOf(HasMetadata environment) {
        return on(environment).map(QuarantineRequest::hash);
    }

    /** The environment's request, where the pod was made before it. */
    static Optional<String> unanswered(HasMetadata pod, HasMetadata environment) {
        String answered = annotation(pod, CleanroomApi.ANSWERED_ANNOTATION).orElse("");
        return on(environment).filter(reason -> !hash(reason).equals(answered));
    }

    private static String hash(String reason) {
        return ContentHash.of(reason).substring(0, HASH_LENGTH);
    }

    static Optional<String> annotation(HasMetadata object, String key) {
        @Nullable Map<String, String> annotations = object.getMetadata().getAnnotations();
        return Optional.ofNullable(annotations == null ? null : annotations.get(key));
    }
}
