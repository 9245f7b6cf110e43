package dev.cleanroom.operator.environment.model;

import dev.cleanroom.operator.environment.model.Owned.Stored;
import java.util.stream.Stream;

/**
 * What is left from a former environment of the same name. Its allow policy would open the pods of this one, so it
 * must be deleted first.
 */
public final class Predecessors {
    private Predecessors() {}

    public static boolean inTheWay(Observed observed) {
        return Stream.concat(observed.owned().egressPolicies().values().stream(), observed.owned().account().stream())
                .anyMatch(stored -> isAnothers(observed, stored) || stored.terminating());
    }

    private static boolean isAnothers(Observed observed, Stored stored) {
        return !observed.uid().equals(stored.ownerUid());
    }
}
