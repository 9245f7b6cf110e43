package dev.cleanroom.operator.bench;

import dev.cleanroom.operator.record.RunInputs;
import dev.cleanroom.operator.record.SampleRuns;
import dev.cleanroom.operator.record.facts.DetailLists;
import dev.cleanroom.operator.record.findings.Judge;
import dev.cleanroom.operator.record.findings.KnownGood;
import dev.cleanroom.operator.record.findings.RunFacts;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** How large records are, and how long the operator reads the log of a run. */
final class RecordsBenchmark implements Benchmark {
    private static final int ROUNDS = 20;

    @Override
    public String name() {
        return "records";
    }

    @Override
    public List<Row> run(Bed bed) {
        List<Row> rows = new ArrayList<>();
        rows.add(reading());
        IntStream.of(1_500, 5_000).mapToObj(RecordsBenchmark::row).forEach(rows::add);
        rows.add(judging(5_000));
        return rows;
    }

    private static Row reading() {
        GoRun run = GoRun.ofTools("NodeModules|PlainNodeModules", ROUNDS / 4);
        double observer = run.get("BenchmarkNodeModules", "ns/op") / 1e6;
        double plain = run.get("BenchmarkPlainNodeModules", "ns/op") / 1e6;
        return new Row(
                "60,000 files in node_modules, read by an observer",
                "",
                "%.0f ms".formatted(observer),
                "",
                String.format(
                        Locale.ROOT,
                        "%.1f x a plain walk that hashes them (%.0f ms); at most %.0f MiB",
                        observer / plain,
                        plain,
                        run.get("BenchmarkNodeModules", "peak-MiB")));
    }

    /** The run has what the known-good one had: each dependency and each package is looked up and compared. */
    private static Row judging(int dependencies) {
        RunFacts run = SampleRuns.of(dependencies).facts();
        var good = Optional.of(new KnownGood("good", SampleRuns.of(dependencies).facts()));
        Sample millis = millis(() -> Judge.judge(run, good));
        return new Row(
                "a run with %,d dependencies, all fetched, judged against another one".formatted(dependencies),
                "<= 50 ms",
                String.format(Locale.ROOT, "%.0f ms", millis.median()),
                millis.range("%.0f"),
                "verdict " + Judge.judge(run, good).verdict());
    }

    /** The first half warms up. */
    private static Sample millis(Runnable work) {
        Sample millis = new Sample();
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            work.run();
            if (round >= ROUNDS / 2) {
                millis.add((System.nanoTime() - start) / 1e6);
            }
        }
        return millis;
    }

    private static Row row(int dependencies) {
        SampleRuns run = SampleRuns.of(dependencies);
        Sample millis = millis(run::read);
        DetailLists lists = run.read().inputs().flatMap(RunInputs::lists).orElseThrow();
        return new Row(
                "the lists of a record: an npm project with %,d dependencies, all fetched".formatted(dependencies),
                "<= 128 KiB",
                String.format(Locale.ROOT, "%.0f KiB", Base64.getDecoder().decode(lists.content()).length / 1024.0),
                "",
                String.format(
                        Locale.ROOT,
                        "%,d of %,d entries left out; the log has %,d KiB and is read in %.0f ms (%s)",
                        lists.omitted(),
                        2 * dependencies + 1,
                        run.bytes().length / 1024,
                        millis.median(),
                        millis.range("%.0f")));
    }
}
