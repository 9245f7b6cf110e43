package dev.cleanroom.operator.environment.status;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Conditions;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How much the wanted status differs from the stored one. A change that a person waits for is written at once,
 * other changes later.
 */
public enum StatusChange {
    NONE,
    /** Written if it still differs after {@link #PROGRESS_WAITS}. */
    PROGRESS,
    /**
     * The environment became Ready: written at once, or in a rush after {@link #READY_WAITS_IN_A_RUSH} at the
     * latest.
     */
    READY,
    /**
     * The task finished or started again, or a pod was quarantined: anyone who waits for that must not read the
     * former status.
     */
    REACHED,
    /** The environment stalled, or stalled for another reason: written at once, with an Event. */
    STALLED;

    public static final Duration PROGRESS_WAITS = Duration.ofSeconds(5);

    /** Writing a status costs the API server as much as creating a pod, and somebody waits for the pod. */
    public static final Duration READY_WAITS_IN_A_RUSH = Duration.ofSeconds(10);

    /** How soon a status that waits in a rush is checked again: no event reports the end of a rush. */
    public static final Duration RUSH_LOOKED_AT = Duration.ofSeconds(1);

    /** How long a status that differs this much may wait, in case more changes soon. */
    public Duration waits(boolean rush) {
        return switch (this) {
            case PROGRESS -> PROGRESS_WAITS;
            case READY -> rush ? READY_WAITS_IN_A_RUSH : Duration.ZERO;
            case NONE, REACHED, STALLED -> Duration.ZERO;
        };
    }

    public static StatusChange between(@Nullable BuildEnvironmentStatus stored, BuildEnvironmentStatus wanted) {
        if (wanted.equals(stored)) {
            return NONE;
        }
        if (isTrue(wanted, Reasons.STALLED) && differs(stored, wanted, Reasons.STALLED)) {
            return STALLED;
        }
        boolean cutOff = isTrue(wanted, Reasons.QUARANTINED) && differs(stored, wanted, Reasons.QUARANTINED);
        boolean becameReady = isTrue(wanted, Reasons.READY) && !isTrue(stored, Reasons.READY);
        boolean hasEnded = isTrue(wanted, Reasons.FINISHED) && differs(stored, wanted, Reasons.FINISHED);
        boolean runsAgain = isTrue(stored, Reasons.FINISHED) && !isTrue(wanted, Reasons.FINISHED);
        if (cutOff || hasEnded || runsAgain) {
            return REACHED;
        }
        return becameReady ? READY : PROGRESS;
    }

    /**
     * The status to store with a count: all of {@code wanted} if that is worth writing now; otherwise the stored
     * status with only the count changed, so that the replacement of an agent does not make its columns flap.
     */
    public static BuildEnvironmentStatus counted(
            @Nullable BuildEnvironmentStatus stored, BuildEnvironmentStatus wanted) {
        if (stored == null || between(stored, wanted) != PROGRESS) {
            return wanted;
        }
        return new BuildEnvironmentStatus(
                stored.observedGeneration(),
                stored.conditions(),
                stored.className(),
                stored.image(),
                stored.replicas(),
                stored.readyReplicas(),
                stored.quarantinedReplicas(),
                wanted.slots(),
                wanted.lastRun(),
                stored.selector(),
                stored.incidents(),
                wanted.deniedConnections(),
                wanted.findings(),
                wanted.records());
    }

    private static boolean differs(
            @Nullable BuildEnvironmentStatus stored, BuildEnvironmentStatus wanted, String type) {
        Optional<Condition> before = find(stored, type);
        Optional<Condition> after = find(wanted, type);
        return !Objects.equals(before.map(Condition::getStatus), after.map(Condition::getStatus))
                || !Objects.equals(before.map(Condition::getReason), after.map(Condition::getReason))
                || !Objects.equals(before.map(Condition::getMessage), after.map(Condition::getMessage));
    }

    private static boolean isTrue(@Nullable BuildEnvironmentStatus status, String type) {
        return status != null && Conditions.isTrue(status.conditions(), type);
    }

    static Optional<Condition> find(@Nullable BuildEnvironmentStatus status, String type) {
        return status == null ? Optional.empty() : Conditions.find(status.conditions(), type);
    }
}
