package dev.cleanroom.operator.incident.model;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A claim of the pod, and what can be or was done about it.
 *
 * @param claim name of the PersistentVolumeClaim
 * @param snapshotClass the class for its snapshot; empty if there is none
 * @param why the reason why there is no class; empty text if there is one
 * @param snapshot as it is stored now
 */
public record Volume(String claim, Optional<String> snapshotClass, Obstacle why, Optional<Snapshot> snapshot) {

    private static final int MAX_MESSAGE_LENGTH = 500;

    public Volume without(String reason, String message) {
        return new Volume(claim, Optional.empty(), new Obstacle(reason, limited(message)), Optional.empty());
    }

    /** A message of a driver or a webhook is not trusted: it is shortened, and put on one line. */
    static String limited(String message) {
        String text = message.replaceAll("\\p{Cntrl}", " ");
        return text.length() <= MAX_MESSAGE_LENGTH ? text : text.substring(0, MAX_MESSAGE_LENGTH) + "...";
    }

    /** What prevents a snapshot. */
    public record Obstacle(String reason, String message) {
        public static final Obstacle NONE = new Obstacle("", "");
    }

    /**
     * A VolumeSnapshot.
     *
     * @param requestedAt when the object was created
     * @param cutAt the moment that it shows, once fixed
     * @param ready it can be restored from, and its content names it
     * @param error the last message of the driver
     */
    public record Snapshot(
            String name,
            Optional<Instant> requestedAt,
            Optional<String> cutAt,
            boolean ready,
            Optional<Failure> error) {}

    /** @param at empty if the driver does not report it */
    public record Failure(String message, Optional<Instant> at) {
        public Failure {
            message = limited(message);
        }
    }

    /** Empty if the text is not a time, because it comes from a driver. */
    public static Optional<Instant> time(@Nullable String rfc3339) {
        try {
            return Optional.ofNullable(rfc3339).map(Instant::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
