package dev.cleanroom.operator.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** From a flipped label to the last new connection, on a real node, and what becomes of established ones. */
final class FlipBenchmark implements Benchmark {
    private final int runs;

    FlipBenchmark(int runs) {
        this.runs = runs;
    }

    @Override
    public String name() {
        return "flip";
    }

    @Override
    public List<Row> run(Bed bed) {
        GoRun run = GoRun.onNode("Flip", runs);
        return Stream.of("keep", "cut")
                .map(established -> row(run, established))
                .toList();
    }

    private Row row(GoRun run, String established) {
        String benchmark = "BenchmarkFlip/" + established;
        return new Row(
                "state label sent to last successful new connection, where a changed policy would %s established ones"
                        .formatted(established),
                "",
                figures(run, benchmark, "last"),
                "%d runs".formatted(runs),
                established(run, benchmark) + "; the label's PATCH: " + figures(run, benchmark, "stored"));
    }

    private String established(GoRun run, String benchmark) {
        int kept = (int) run.get(benchmark, "kept");
        String told = "the established connection still answered a second after in %d of %d".formatted(kept, runs);
        return kept == runs ? told : told + ", else until " + figures(run, benchmark, "held");
    }

    private static String figures(GoRun run, String benchmark, String name) {
        return String.format(
                Locale.ROOT,
                "p50 %.0f, max %.0f ms",
                run.get(benchmark, name + "-p50-ms"),
                run.get(benchmark, name + "-max-ms"));
    }
}
