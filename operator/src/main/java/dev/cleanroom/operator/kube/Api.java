package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * The few requests this operator makes, one HTTP request each, with nothing retried behind its back: a retry that is
 * not decided again could land long after its plan was outdated.
 */
public interface Api {

    Answer create(ObjectKey key, HasMetadata object);

    /** JSON merge patch (RFC 7396). */
    Answer mergePatch(ObjectKey key, Object body);

    /** Server-side apply of the status subresource, forced: nobody else owns a field of it. */
    Answer applyStatus(ObjectKey key, HasMetadata fresh);

    /** Deletes exactly the object that was seen: another uid or a later resourceVersion is answered 409. */
    Answer delete(ObjectKey key, String uid, String resourceVersion);

    Answer get(ObjectKey key);

    /** Whether any object of the kind with these labels exists, read from the server, not from a cache. */
    boolean anyExists(Resource resource, String namespace, String labelSelector);
}
