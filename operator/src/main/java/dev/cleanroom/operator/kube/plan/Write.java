package dev.cleanroom.operator.kube.plan;

import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;

/** One write that is wanted, as data, with the reason for it. */
public sealed interface Write {

    ObjectKey target();

    /** Why the write is wanted, as a CamelCase code for logs and golden files. */
    String reason();

    /**
     * POST. The name is computed from the cause, so that a repeated run finds the object that an earlier run created.
     */
    record Create(ObjectKey target, HasMetadata object, String reason) implements Write {}

    /**
     * JSON patch of exactly the object that was read.
     *
     * @param values the whole new value, by JSON pointer (RFC 6901)
     */
    record Patch(ObjectKey target, Precondition precondition, Map<String, Object> values, String reason)
            implements Write {}

    /**
     * JSON patch with its own tests instead of a resourceVersion: other writers of the object must not delay a state
     * that only moves forward.
     *
     * @param atLeast the operations that are sent alone if the API server finds the whole patch invalid
     */
    record TestedPatch(ObjectKey target, List<Api.Operation> operations, List<Api.Operation> atLeast, String reason)
            implements Write {
        public TestedPatch {
            operations = List.copyOf(operations);
            atLeast = List.copyOf(atLeast);
        }
    }

    /**
     * Server-side apply: creates the object if it does not exist, and keeps the fields of other writers. RBAC can
     * restrict this to a name; it cannot restrict a POST.
     */
    record Apply(ObjectKey target, HasMetadata object, String reason) implements Write {}

    /**
     * Reads the object from the server and writes nothing: later writes depend on it, and a cache may have a deleted
     * one.
     */
    record Confirm(ObjectKey target, String reason) implements Write {}

    /** DELETE of exactly the object that was read: a decision that used a stale cache deletes nothing. */
    record Delete(ObjectKey target, Precondition precondition, String reason) implements Write {}

    /** Server-side apply of the status. The object has only name, uid, resourceVersion and status. */
    record ApplyStatus(ObjectKey target, HasMetadata fresh, String reason) implements Write {}

    /** The uid and resourceVersion that a decision read. The write fails if the stored object has others. */
    record Precondition(String uid, String resourceVersion) {
        public static Precondition of(HasMetadata object) {
            return new Precondition(
                    object.getMetadata().getUid(), object.getMetadata().getResourceVersion());
        }
    }
}
