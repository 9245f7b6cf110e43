package dev.cleanroom.operator.kube.plan;

import dev.cleanroom.operator.kube.Resource;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The ordered writes that are wanted now, and when to decide again if nothing happens before.
 *
 * @param writes in the order in which they are carried out; the first that fails ends the plan, except an Event that is
 *     not the last write
 * @param wakeUp the earliest moment at which time alone changes the decision
 * @param holdsProgress whether a status that changed waits to be written, because it may change again soon
 */
public record Plan(List<Write> writes, Optional<Instant> wakeUp, boolean holdsProgress) {
    public static final Plan NOTHING = new Plan(List.of(), Optional.empty(), false);

    public static Plan of(List<Write> writes, Optional<Instant> wakeUp) {
        return new Plan(writes, wakeUp, false);
    }

    public Plan {
        writes = List.copyOf(writes);
    }

    /**
     * Whether the plan has only Events. They change nothing that is observed, so the next decision would be the same.
     */
    public boolean onlyReports() {
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
