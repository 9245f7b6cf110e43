package dev.cleanroom.operator.kube.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;
import org.jspecify.annotations.Nullable;

/** The result of one write. That there was no answer is not a result: it is thrown, and the run is tried again. */
public sealed interface Result {
    Write write();

    /**
     * The write was carried out.
     *
     * @param stored the object that the server now has; null when it is deleted
     * @param already whether the object was as wanted before the write, because an earlier run or another one wrote it
     */
    record Done(Write write, @Nullable HasMetadata stored, boolean already) implements Result {
        public Done(Write write, @Nullable HasMetadata stored) {
            this(write, stored, false);
        }
    }

    /** The object changed after it was read. That is not an error: read it and decide again. */
    record Conflict(Write write) implements Result {}

    /** An object that is not ours has the name. */
    record NameTaken(Write write, HasMetadata occupant) implements Result {}

    /** The API server refused the request, or could not do it (5xx). A person must change something. */
    record Refused(Write write, int code, String reason, String message) implements Result {
        private static final int MAX_EXCERPT_LENGTH = 500;

        /** The message for a status or an Event: a webhook can answer with any text. */
        public String excerpt() {
            String text = message.replaceAll("\\p{Cntrl}", " ");
            return text.length() <= MAX_EXCERPT_LENGTH ? text : text.substring(0, MAX_EXCERPT_LENGTH) + "...";
        }
    }

    /** An Event that was not stored. An Event only reports, so the writes after it are still carried out. */
    record Untold(Write write, String why) implements Result {}

    /** The write was not sent, because the plan was too old: this process may not be the leader any more. */
    record Outdated(Write write) implements Result {}
}
