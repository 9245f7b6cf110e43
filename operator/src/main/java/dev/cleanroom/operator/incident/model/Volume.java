package dev.cleanroom.operator.incident.model;

import java.util.Optional;

/**
 * A claim of the pod, and what can be or was done about it.
 *
 * @param claim name of the PersistentVolumeClaim
 * @param snapshotClass that a snapshot would be asked of; empty when none can be
 * @param why there is no class; empty text when there is one
 * @param snapshot as it is stored now
 */
public record Volume(String claim, Optional<String> snapshotClass, Obstacle why, Optional<Snapshot> snapshot) {

    /** What stands against a snapshot. */
    public record Obstacle(String reason, String message) {
        public static final Obstacle NONE = new Obstacle("", "");
    }

    /**
     * A VolumeSnapshot.
     *
     * @param cutAt the moment it shows, once fixed
     * @param ready it can be restored from, and its content names it back
     * @param error what the driver said last
     */
    public record Snapshot(String name, Optional<String> cutAt, boolean ready, Optional<String> error) {}
}
