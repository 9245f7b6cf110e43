package dev.cleanroom.operator.containment;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.ContentHash;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The annotation that asks for a quarantine. On a pod, it asks for that pod. On an environment, only a changed value is
 * a request: a pod has the hash of the value that was answered before the pod was created, and is quarantined if and
 * only if the current value differs. Otherwise every clean replacement would be quarantined too.
 */
public final class QuarantineRequest {
    private static final int HASH_LENGTH = 16;

    private QuarantineRequest() {}

    /** The reason in the annotation; empty if the object has none. */
    public static Optional<String> on(HasMetadata object) {
        return annotation(object, CleanroomApi.QUARANTINE_ANNOTATION);
    }

    /** The hash that a pod gets when it is created now; empty if the environment has no request. */
    public static Optional<String> hashOf(HasMetadata environment) {
        return on(environment).map(QuarantineRequest::hash);
    }

    /** The environment's request, if the pod was created before it. */
    static Optional<String> unanswered(HasMetadata pod, HasMetadata environment) {
        return unanswered(annotation(pod, CleanroomApi.ANSWERED_ANNOTATION).orElse(""), environment);
    }

    /** @param answered the hash that the pod got when it was created; empty if it got none */
    public static Optional<String> unanswered(String answered, HasMetadata environment) {
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
