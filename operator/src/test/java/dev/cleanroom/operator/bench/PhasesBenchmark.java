package dev.cleanroom.operator.bench;

import java.util.List;

/** What phases cost a build: environments with them and without, in turn, on a real node and under the operator. */
final class PhasesBenchmark implements Benchmark {
    private static final String RUN = "BenchmarkPhases";

    private final int pairs;

    PhasesBenchmark(int pairs) {
        this.pairs = pairs;
    }

    @Override
    public String name() {
        return "phases";
    }

    @Override
    public List<Row> run(Bed bed) {
        GoRun run = GoRun.onNode("Phases", pairs);
        double with = run.get(RUN, "with-p50-ms");
        double without = run.get(RUN, "without-p50-ms");
        return List.of(new Row(
                "the end of the last prepare step until the build's first instruction: what phases add",
                "+1500 ms p50",
                "+%.0f ms p50".formatted(with - without),
                "%d pods each".formatted(pairs),
                "with them p50 %.0f, max %.0f ms; without p50 %.0f, max %.0f ms; the lab enforces 100 ms after a write"
                        .formatted(with, run.get(RUN, "with-max-ms"), without, run.get(RUN, "without-max-ms"))));
    }
}
