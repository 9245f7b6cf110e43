package dev.cleanroom.operator.kube.plan;

import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Map;

/** One wanted write, as data, with the reason it is wanted. */
public sealed interface Write {

    ObjectKey target();

    /** A CamelCase code: why this write, for logs, metrics and golden files. */
    String reason();

    /** POST; the name is computed from its cause, so that a repetition finds its own earlier work. */
    record Create(ObjectKey target, HasMetadata object, String reason) implements Write {}

    /**
     * JSON patch of exactly the object that was seen.
     *
     * @param values JSON pointer (RFC 6901) to the value that stands there afterwards, whole
     */
    record Patch(ObjectKey target, Seen seen, Map<String, Object> values, String reason) implements Write {}

    /**
     * JSON patch that carries its own tests in place of the version that was seen: what moves forward only must not be
     * held up by whoever else writes the object.
     *
     * @param atLeast what is sent alone where the whole is not valid
     */
    record TestedPatch(ObjectKey target, List<Api.Operation> operations, List<Api.Operation> atLeast, String reason)
            implements Write {
        public TestedPatch {
            operations = List.copyOf(operations);
            atLeast = List.copyOf(atLeast);
        }
    }

    /**
     * Server-side apply: made where it is not there; what others wrote stays. A right to create can be bound to a name
     * with this, and cannot with POST.
     */
    record Apply(ObjectKey target, HasMetadata object, String reason) implements Write {}

    /** No write but a look at the server: what follows rests on this object, and a cache may show one that is gone. */
    record Confirm(ObjectKey target, String reason) implements Write {}

    /** DELETE of exactly the object that was seen: a decision on a stale view deletes nothing. */
    record Delete(ObjectKey target, Seen seen, String reason) implements Write {}

    /** Server-side apply of the status, from an object that carries nothing but identity, resourceVersion and status. */
    record ApplyStatus(ObjectKey target, HasMetadata fresh, String reason) implements Write {}

    /** The identity and version of the object a decision looked at. */
    record Seen(String uid, String resourceVersion) {
        public static Seen of(HasMetadata object) {
            return new Seen(object.getMetadata().getUid(), object.getMetadata().getResourceVersion());
        }
    }
}
