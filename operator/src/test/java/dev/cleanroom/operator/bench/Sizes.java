package dev.cleanroom.operator.bench;

import java.time.Duration;
import java.util.List;

/** How much of everything. */
record Sizes(int writesEach, Settled settled, Burst burst, int many, int edited, int starts) {

    /** @param period how long nothing may be written */
    record Settled(int environments, Duration period) {}

    /**
     * @param environments at once, one row each
     * @param pairs of one run with the operator and one without, after {@code warmUps} that do not count
     */
    record Burst(List<Integer> environments, int warmUps, int pairs) {}

    static final Sizes FULL = new Sizes(
            20, new Settled(200, Duration.ofMinutes(10)), new Burst(List.of(300, 1_000), 3, 10), 5_000, 1_000, 10);

    /** To see that the benchmarks work; their figures say little. */
    static final Sizes QUICK =
            new Sizes(3, new Settled(20, Duration.ofSeconds(20)), new Burst(List.of(30), 1, 2), 200, 50, 3);
}
