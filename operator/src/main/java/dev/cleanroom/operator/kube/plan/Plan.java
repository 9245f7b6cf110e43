package dev.cleanroom.operator.kube.plan;

import dev.cleanroom.operator.kube.Resource;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The ordered writes wanted now, and when to decide again if nothing happens before.
 *
 * @param writes in the order to carry them out; the first that fails ends the plan, but for an Event with more to follow
 * @param wakeUp the earliest moment at which time alone changes the decision
 * @param holdsProgress a status that differs waits to be told, in case more changes soon
 */
public record Plan(List<Write> writes, Optional<Instant> wakeUp, boolean holdsProgress) {
    public static final Plan NOTHING = new Plan(List.of(), Optional.empty(), false);

    public static Plan of(List<Write> writes, Optional<Instant> wakeUp) {
        return new Plan(writes, wakeUp, false);
    }

    public Plan {
        writes = List.copyOf(writes);
    }

    /** Events alone: nothing that is observed changes by them, so deciding again would want the same. */
    public boolean onlyTells() {
        return !writes.isEmpty()
                && writes.stream().allMatch(write -> write.target().resource() == Resource.EVENT);
    }

    public boolean createsPod() {
        return writes.stream()
                .anyMatch(
                        write -> write instanceof Write.Create && write.target().resource() == Resource.POD);
    }

    public boolean isEmpty() {
        return writes.isEmpty();
    }
}
