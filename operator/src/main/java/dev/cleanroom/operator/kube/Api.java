package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The few requests this operator makes, one HTTP request each, with nothing retried behind its back: a retry that is
 * not decided again could land long after its plan was outdated.
 */
public interface Api {

    Answer create(ObjectKey key, HasMetadata object);

    /** Server-side apply, forced: creates what is not there, and changes only what the object says. */
    Answer apply(ObjectKey key, HasMetadata object);

    /** JSON patch (RFC 6902). */
    Answer jsonPatch(ObjectKey key, List<Operation> operations);

    /**
     * JSON patch that tests what it moves from; where the whole is refused, {@code atLeast} alone: what there is no room
     * for, such as one annotation more than the API server keeps, must not hold up what matters.
     *
     * <p>422 says as well that a test did not hold as that somebody's policy refuses the result. The object tells which:
     * {@link Answer.Rejected#moved} only where it is another one now, or not as it was tested.
     */
    default Answer jsonPatch(ObjectKey key, List<Operation> operations, List<Operation> atLeast) {
        Answer answer = flip(key, operations);
        if (!(answer instanceof Answer.Rejected refused) || !refused.invalid()) {
            return answer;
        }
        return switch (get(key)) {
            case Answer.Rejected gone when gone.notFound() -> gone;
            case Answer.Ok(HasMetadata stored)
            when stored != null && !PatchTests.hold(operations, stored) -> Answer.Rejected.moved(key);
            case Answer _ -> operations.equals(atLeast) ? refused : flip(key, atLeast);
        };
    }

    /** The field manager of the writes that move a pod's state: of it alone, so that {@link #fieldTimes} says when. */
    String FLIP_MANAGER = "cleanroom-containment";

    /** A JSON patch as {@link #FLIP_MANAGER}. */
    default Answer flip(ObjectKey key, List<Operation> operations) {
        return jsonPatch(key, operations);
    }

    /** When the fields of an object were written; {@link FieldTimes#UNKNOWN} where it is gone, or that is not kept. */
    default FieldTimes fieldTimes(ObjectKey key) {
        return FieldTimes.UNKNOWN;
    }

    /** Sets a value whole, whatever stands there: a merge would keep what somebody else added. */
    record Operation(String op, String path, Object value) {
        public static Operation set(String path, Object value) {
            return new Operation("add", path, value);
        }
    }

    /** A key as one step of a JSON pointer (RFC 6901, section 3). */
    static String pointer(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }

    /** Server-side apply of the status subresource, forced: nobody else owns a field of it. */
    Answer applyStatus(ObjectKey key, HasMetadata fresh);

    /** Deletes exactly the object that was seen: another uid or a later resourceVersion is answered 409. */
    Answer delete(ObjectKey key, String uid, String resourceVersion);

    Answer get(ObjectKey key);

    /** The objects of a kind with these labels, read from the server; empty where it does not serve the kind. */
    <T extends HasMetadata> Optional<List<T>> list(
            Resource resource, @Nullable String namespace, String labelSelector, Class<T> type);

    /** Whether any object of the kind with these labels exists, read from the server, not from a cache. */
    boolean anyExists(Resource resource, String namespace, String labelSelector);

    /** What this process's own token calls the API server; empty where it has none, or one that does not say. */
    default Set<String> ownAudiences() {
        return Set.of();
    }
}
