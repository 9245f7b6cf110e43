package dev.cleanroom.operator.bench;

import java.util.List;
import java.util.Locale;

/** What the gate and the observer cost a build: the same pod with them and without, in turn, on a real node. */
final class GateBenchmark implements Benchmark {
    private final int pairs;

    GateBenchmark(int pairs) {
        this.pairs = pairs;
    }

    @Override
    public String name() {
        return "gate";
    }

    @Override
    public List<Row> run(Bed bed) {
        GoRun run = GoRun.onNode("Gate", pairs);
        double[] with = {run.get("BenchmarkGate", "with-p50-ms"), run.get("BenchmarkGate", "with-max-ms")};
        double[] without = {run.get("BenchmarkGate", "without-p50-ms"), run.get("BenchmarkGate", "without-max-ms")};
        double[] observed = {run.get("BenchmarkGate", "observed-p50-ms"), run.get("BenchmarkGate", "observed-max-ms")};
        return List.of(
                row(
                        "the same: what an observer adds to the gate",
                        "+%.0f ms p50".formatted(observed[0] - with[0]),
                        String.format(
                                Locale.ROOT,
                                "with gate and observer p50 %.0f, max %.0f ms; with the gate alone p50 %.0f, max %.0f ms",
                                observed[0],
                                observed[1],
                                with[0],
                                with[1])),
                row(
                        "a pod bound to its node until its build's first instruction: what the gate adds",
                        "+%.0f ms p50".formatted(with[0] - without[0]),
                        String.format(
                                Locale.ROOT,
                                "with it p50 %.0f, max %.0f ms; without p50 %.0f, max %.0f ms",
                                with[0],
                                with[1],
                                without[0],
                                without[1])),
                row(
                        "of that, the gate's container from its start to its end",
                        String.format(
                                Locale.ROOT,
                                "p50 %.0f, max %.0f ms",
                                run.get("BenchmarkGate", "gate-p50-ms"),
                                run.get("BenchmarkGate", "gate-max-ms")),
                        "500 ms of it are the quiet time; the lab enforces 100 ms after the pod's status has its"
                                + " address, which a kubelet writes a second or two after the start"));
    }

    private Row row(String claim, String figure, String beside) {
        return new Row(claim, "", figure, "%d pods each".formatted(pairs), beside);
    }
}
