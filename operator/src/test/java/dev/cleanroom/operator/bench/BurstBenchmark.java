package dev.cleanroom.operator.bench;

import dev.cleanroom.operator.lab.OperatorProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Many environments at once, from the first POST until the last pod is created, against a bare client that writes the
 * same objects.
 *
 * <ol>
 *   <li>Runs alternate, and so does which side begins; the operator is stopped (SIGSTOP) during bare runs.
 *   <li>Each side has a namespace of its own; what a run made is gone before the next begins.
 *   <li>The ratio is taken within a pair, so that a slow minute of the machine counts for both.
 * </ol>
 */
final class BurstBenchmark implements Benchmark {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Sizes.Burst sizes;

    BurstBenchmark(Sizes.Burst sizes) {
        this.sizes = sizes;
    }

    /** The two sides, ready for runs of any size. */
    private record Sides(OperatorProcess operator, String ours, String theirs, BareClient bare, Template template) {}

    @Override
    public String name() {
        return "burst";
    }

    @Override
    public List<Row> run(Bed bed) {
        String ours = bed.namespace();
        String theirs = bed.namespace();
        OperatorProcess operator = bed.operator("--leader-elect=false", "--namespaces", ours);
        BareClient bare = new BareClient(
                bed.team(), bed.operatorAccount(), theirs, Template.of(bed.lab().admin(), theirs, Specs.WITH_EGRESS));
        Sides sides =
                new Sides(operator, ours, theirs, bare, Template.of(bed.lab().admin(), ours, Specs.WITH_EGRESS));
        List<Row> rows = new ArrayList<>();
        for (int environments : sizes.environments()) {
            rows.add(compare(bed, sides, environments));
        }
        return rows;
    }

    private Row compare(Bed bed, Sides sides, int environments) {
        Sample ratios = new Sample();
        Sample with = new Sample();
        Sample without = new Sample();
        Sample cpu = new Sample();
        Metrics before = Metrics.of(sides.operator());
        for (int pair = -sizes.warmUps(); pair < sizes.pairs(); pair++) {
            if (pair == 0) {
                before = Metrics.of(sides.operator());
            }
            Timed operator;
            double bare;
            if (pair % 2 == 0) {
                operator = operatorRun(bed, sides, environments);
                bare = bareRun(bed, sides, environments);
            } else {
                bare = bareRun(bed, sides, environments);
                operator = operatorRun(bed, sides, environments);
            }
            bed.say(
                    "%d environments, %s: operator %.0f ms, bare %.0f ms, ratio %.2f",
                    environments,
                    pair < 0 ? "warm-up" : "pair " + (pair + 1) + " of " + sizes.pairs(),
                    operator.millis(),
                    bare,
                    operator.millis() / bare);
            if (pair >= 0) {
                with.add(operator.millis());
                without.add(bare);
                ratios.add(operator.millis() / bare);
                cpu.add(operator.cpuSeconds());
            }
        }
        Metrics all = Metrics.of(sides.operator()).since(before);
        double made = (double) environments * sizes.pairs();
        return new Row(
                "burst of %,d environments: first POST until all pods are created".formatted(environments),
                "<= 1.15 x bare client",
                String.format(Locale.ROOT, "%.2f x", ratios.median()),
                ratios.range("%.2f") + " (" + ratios.size() + " pairs)",
                String.format(
                        Locale.ROOT,
                        "operator %s ms (%s), bare client %s ms (%s); an environment %.1f reconciles and"
                                + " %.1f writes; processor time of the operator until all pods are created %.2f s (%s)",
                        Sample.number(Math.rint(with.median())),
                        with.range("%.0f"),
                        Sample.number(Math.rint(without.median())),
                        without.range("%.0f"),
                        all.reconciles() / made,
                        all.writes() / made,
                        cpu.median(),
                        cpu.range("%.2f")));
    }

    /** @param cpuSeconds what the operator used meanwhile: says more than the time on a machine that others use */
    private record Timed(double millis, double cpuSeconds) {}

    private Timed operatorRun(Bed bed, Sides sides, int environments) {
        Fleet fleet = bed.fleet(List.of(sides.ours()));
        Duration cpuBefore = sides.operator().cpu();
        double took = timed(
                bed,
                sides.ours(),
                environments,
                () -> InFlight.each(
                        environments,
                        i -> bed.team()
                                .post(
                                        Paths.environments(sides.ours()),
                                        sides.template().environment(Fleet.name(i)))));
        Duration cpu = sides.operator().cpu().minus(cpuBefore);
        // The rest of the operator's work must not run on into the bare client's turn.
        fleet.awaitSettled(environments);
        fleet.empty();
        return new Timed(took, cpu.toMillis() / 1e3);
    }

    private double bareRun(Bed bed, Sides sides, int environments) {
        sides.operator().pause();
        try {
            double took =
                    timed(bed, sides.theirs(), environments, () -> sides.bare().write(environments, Fleet::name));
            bed.fleet(List.of(sides.theirs())).empty();
            return took;
        } finally {
            sides.operator().resume();
            sides.operator().awaitReady();
        }
    }

    /** Milliseconds until the watch has shown the last pod. */
    private static double timed(Bed bed, String namespace, int pods, Runnable work) {
        try (PodWatch watch = PodWatch.open(bed.team(), namespace)) {
            long start = System.nanoTime();
            work.run();
            return (watch.await(pods, TIMEOUT) - start) / 1e6;
        }
    }
}
