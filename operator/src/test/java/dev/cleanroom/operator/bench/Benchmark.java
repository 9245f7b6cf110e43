package dev.cleanroom.operator.bench;

import java.util.List;

/** One measurement on the shared lab. It leaves no environment and no operator behind. */
interface Benchmark {
    /** As {@code --only} takes it. */
    String name();

    List<Row> run(Bed bed);
}
