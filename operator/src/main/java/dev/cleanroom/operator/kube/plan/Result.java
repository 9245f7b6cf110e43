package dev.cleanroom.operator.kube.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;
import org.jspecify.annotations.Nullable;

/** What became of one write. Infrastructure errors are no result: they are thrown, and the run is tried again. */
public sealed interface Result {
    Write write();

    /**
     * Carried out.
     *
     * @param stored what the server holds now, null when it is gone
     * @param already whether it was as wanted before: an earlier run or another one wrote it
     */
    record Done(Write write, @Nullable HasMetadata stored, boolean already) implements Result {
        public Done(Write write, @Nullable HasMetadata stored) {
            this(write, stored, false);
        }
    }

    /** The object changed since it was looked at: no error, look again. */
    record Conflict(Write write) implements Result {}

    /** The name is taken by an object that is not ours. */
    record NameTaken(Write write, HasMetadata occupant) implements Result {}

    /** The API server refused what was asked for: a person must change something. */
    record Refused(Write write, int code, String reason, String message) implements Result {}

    /** An Event that was not stored: it only tells, so what follows it is carried out all the same. */
    record Untold(Write write, String why) implements Result {}

    /** Not sent: the plan was older than this process may trust its leadership. */
    record Outdated(Write write) implements Result {}
}
