package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The few requests that this operator sends, one HTTP request each. Nothing below retries them: a retry without a new
 * decision could arrive long after its plan was outdated.
 */
public interface Api {

    Answer create(ObjectKey key, HasMetadata object);

    /**
     * Server-side apply, forced: creates the object if it does not exist, and changes only the fields that it has here.
     */
    Answer apply(ObjectKey key, HasMetadata object);

    /** JSON patch (RFC 6902). */
    Answer jsonPatch(ObjectKey key, List<Operation> operations);

    /**
     * JSON patch with tests, which moves a pod's state, as {@link #FLIP_MANAGER}. If the API server finds it invalid,
     * only {@code atLeast} is sent: an optional part for which there is no room, such as an annotation beyond the size
     * limit, must not delay the important one.
     *
     * <p>The API server answers 422 if a test does not hold, and also if an admission policy refuses the result. The
     * stored object decides: the answer is {@link Answer.Rejected#moved} only if the object is another one, or a test
     * does not hold.
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

    /** Sets the whole value and replaces the stored one: a merge would keep what somebody else added. */
    record Operation(String op, String path, Object value) {
        public static Operation set(String path, Object value) {
            return new Operation("add", path, value);
        }
    }

    /** A key as one step of a JSON pointer (RFC 6901, section 3). */
    static String pointer(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }

    /** Server-side apply of the status subresource, forced, because nobody else owns a field of it. */
    Answer applyStatus(ObjectKey key, HasMetadata fresh);

    /** Deletes exactly the object that was read: the answer is 409 if its uid or resourceVersion is another. */
    Answer delete(ObjectKey key, String uid, String resourceVersion);

    Answer get(ObjectKey key);

    /** All objects of a kind with these labels, read from the server; empty if it does not serve the kind. */
    <T extends HasMetadata> Optional<List<T>> list(
            Resource resource, @Nullable String namespace, String labelSelector, Class<T> type);

    /** Whether any object of the kind with these labels exists, read from the server, not from a cache. */
    boolean anyExists(Resource resource, String namespace, String labelSelector);

    /** The API server's names in this process's own token; empty if there is no token, or it names none. */
    default Set<String> ownAudiences() {
        return Set.of();
    }
}
