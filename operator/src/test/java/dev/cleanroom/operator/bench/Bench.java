package dev.cleanroom.operator.bench;

import dev.cleanroom.operator.lab.JvmOptions;
import dev.cleanroom.operator.lab.LabCluster;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code make bench}: measures what is claimed and prints a table. It never fails: figures are read, not passed. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures what is claimed, on a lab of its own.")
final class Bench implements Callable<Integer> {
    @Option(
            names = "--only",
            split = ",",
            description =
                    "These alone: writes, burst, edits, containment, rails, verification, memory, records, start, settled, gate, flip.")
    private Set<String> only = Set.of();

    @Option(names = "--quick", description = "Small sizes and short periods, to see that the benchmarks work.")
    private boolean quick;

    @Option(names = "--settled-period", description = "Seconds during which settled environments are watched.")
    private Integer settledPeriod;

    @Option(names = "--burst", split = ",", description = "Environments of a burst, one row each.")
    private List<Integer> burst;

    @Option(names = "--pairs", description = "Pairs of a burst that count.")
    private Integer pairs;

    @Option(names = "--runs", description = "Runs of the benchmark of containment.")
    private Integer runs;

    @Option(names = "--many", description = "Environments of the benchmark of memory.")
    private Integer many;

    @Option(names = "--jvm", description = "One more option of the operator's virtual machine; may be repeated.")
    private List<String> jvm = List.of();

    private Bench() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench()).execute(arguments));
    }

    @Override
    public Integer call() {
        Sizes sizes = sizes();
        List<Benchmark> all = List.of(
                new WritesBenchmark(sizes.writesEach()),
                new BurstBenchmark(sizes.burst()),
                new EditsBenchmark(sizes.edited()),
                new ContainmentBenchmark(sizes.edited(), runs == null ? sizes.starts() : runs),
                new RailsBenchmark(sizes.edited() / 5),
                new VerificationBenchmark(2 * sizes.edited()),
                new MemoryBenchmark(sizes.many()),
                new RecordsBenchmark(),
                new StartBenchmark(sizes.starts()),
                new SettledBenchmark(sizes.settled()),
                new GateBenchmark(3 * sizes.starts()),
                new PhasesBenchmark(3 * sizes.starts()),
                new FlipBenchmark(3 * sizes.starts()));
        List<Row> rows = new ArrayList<>();
        System.err.println("== starting a lab");
        try (LabCluster cluster = LabCluster.start()) {
            cluster.apply(account());
            all.stream()
                    .filter(benchmark -> only.isEmpty() || only.contains(benchmark.name()))
                    .forEach(benchmark -> rows.addAll(run(benchmark, cluster)));
        }
        System.out.println();
        System.out.print(Table.of(rows));
        return 0;
    }

    private static String account() {
        try (InputStream yaml = Bench.class.getResourceAsStream("/bench/account.yaml")) {
            return new String(yaml.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Row> run(Benchmark benchmark, LabCluster cluster) {
        System.err.println("== " + benchmark.name());
        try (Bed bed = new Bed(cluster, benchmark.name(), JvmOptions.asShipped().and(jvm))) {
            return benchmark.run(bed);
        } catch (RuntimeException e) {
            e.printStackTrace();
            return List.of(Row.notMeasured(benchmark.name(), String.valueOf(e.getMessage())));
        }
    }

    private Sizes sizes() {
        Sizes base = quick ? Sizes.QUICK : Sizes.FULL;
        return new Sizes(
                base.writesEach(),
                new Sizes.Settled(
                        base.settled().environments(),
                        settledPeriod == null ? base.settled().period() : Duration.ofSeconds(settledPeriod)),
                new Sizes.Burst(
                        burst == null ? base.burst().environments() : burst,
                        base.burst().warmUps(),
                        pairs == null ? base.burst().pairs() : pairs),
                many == null ? base.many() : many,
                base.edited(),
                base.starts());
    }
}
