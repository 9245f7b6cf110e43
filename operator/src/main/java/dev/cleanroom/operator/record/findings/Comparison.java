package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import java.util.Optional;

/**
 * What indicators read: the facts of a run, and those of the last good one.
 *
 * @param before empty in a first run
 */
record Comparison(RunFacts run, Index now, Optional<Before> before) {
    /**
     * The last good run.
     *
     * @param whole whether what it does not have was absent; otherwise it may only not be known
     */
    record Before(RunFacts facts, Index index, boolean whole) {}

    static Comparison of(RunFacts run, Optional<KnownGood> baseline) {
        return new Comparison(
                run,
                new Index(run),
                baseline.map(KnownGood::facts)
                        .filter(facts -> facts.reading() == Reading.Complete || facts.reading() == Reading.Partial)
                        .map(facts -> new Before(facts, new Index(facts), whole(facts))));
    }

    private static boolean whole(RunFacts facts) {
        return facts.reading() == Reading.Complete
                && facts.omitted() == 0
                && facts.unread().isEmpty();
    }
}
