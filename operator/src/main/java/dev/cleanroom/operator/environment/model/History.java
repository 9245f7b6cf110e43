package dev.cleanroom.operator.environment.model;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.LastRun;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.SlotStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What status records about the attempts, as far as decisions use it. An attempt that is lower than its slot's has
 * been counted; a slot that is not listed is at its first attempt.
 */
public record History(SortedMap<Integer, Slot> slots, Optional<LastRun> lastRun) {
    public static final int FIRST_ATTEMPT = 1;

    /**
     * @param failures in a row, for the back-off and {@code retries}
     * @param uncounted how often in a row something other than the build ended the pod, for the back-off alone
     * @param lastFailure how the last attempt failed; empty if it did not fail
     */
    public record Slot(int attempt, int failures, int uncounted, Optional<Failure> lastFailure) {
        static final Slot FRESH = new Slot(FIRST_ATTEMPT, 0, 0, Optional.empty());
    }

    /**
     * @param at when the operator saw it
     * @param cause the cause of the pod that failed; empty if a former version of the operator wrote it
     * @param message how it failed; empty if a former version of the operator wrote it
     */
    public record Failure(Instant at, Optional<RunCause> cause, Optional<String> message) {}

    public static History of(@Nullable BuildEnvironmentStatus status) {
        var slots = new TreeMap<Integer, Slot>();
        if (status != null && status.slots() != null) {
            for (SlotStatus slot : status.slots()) {
                slots.put(
                        slot.slot(),
                        new Slot(
                                slot.attempt() == null ? FIRST_ATTEMPT : slot.attempt(),
                                slot.failures() == null ? 0 : slot.failures(),
                                slot.uncounted() == null ? 0 : slot.uncounted(),
                                Optional.ofNullable(slot.lastFailure())
                                        .map(at -> new Failure(
                                                Instant.parse(at), cause(slot), Optional.ofNullable(slot.message())))));
            }
        }
        return new History(slots, Optional.ofNullable(status == null ? null : status.lastRun()));
    }

    private static Optional<RunCause> cause(SlotStatus slot) {
        return Optional.ofNullable(slot.specHash())
                .map(specHash -> new RunCause(specHash, Optional.ofNullable(slot.rerun())));
    }

    public Slot slot(int slot) {
        return slots.getOrDefault(slot, Slot.FRESH);
    }

    /** The slot's last failure, if the pod that failed had this cause. */
    public Optional<Failure> lastFailure(int slot, RunCause cause) {
        return slot(slot)
                .lastFailure()
                .filter(failure -> failure.cause()
                        .or(() -> lastRun.map(RunCause::of))
                        .map(cause::equals)
                        .orElse(true));
    }

    public int attempt(int slot) {
        return slot(slot).attempt();
    }

    public History with(int slot, Slot value) {
        var changed = new TreeMap<>(slots);
        changed.put(slot, value);
        return new History(changed, lastRun);
    }

    public History withLastRun(LastRun run) {
        return new History(slots, Optional.of(run));
    }

    public List<SlotStatus> toStatus() {
        return slots.entrySet().stream()
                .map(entry -> status(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** Without a field that a former version does not have, so that an upgrade writes no status. */
    private static SlotStatus status(int number, Slot slot) {
        Optional<RunCause> cause = slot.lastFailure().flatMap(Failure::cause);
        return new SlotStatus(
                number,
                slot.attempt(),
                slot.failures(),
                slot.lastFailure().map(failure -> failure.at().toString()).orElse(null),
                cause.map(RunCause::specHash).orElse(null),
                cause.flatMap(RunCause::rerun).orElse(null),
                slot.uncounted() == 0 ? null : slot.uncounted(),
                slot.lastFailure().flatMap(Failure::message).orElse(null));
    }
}
