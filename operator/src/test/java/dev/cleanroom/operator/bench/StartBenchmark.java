package dev.cleanroom.operator.bench;

import dev.cleanroom.operator.lab.JvmOptions;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.OperatorProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** From the start of the process, as the system tells it, to its first reconcile, with a Lease that nobody holds. */
final class StartBenchmark implements Benchmark {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final String LEASE = "cleanroom-operator";
    private static final Pattern FIRST = Pattern.compile("first reconcile (\\d+) ms after the process started");
    private final int runs;

    StartBenchmark(int runs) {
        this.runs = runs;
    }

    @Override
    public String name() {
        return "start";
    }

    @Override
    public List<Row> run(Bed bed) {
        String namespace = bed.namespace();
        Fleet fleet = bed.fleet(List.of(namespace));
        try (OperatorProcess operator = bed.operator("--namespaces", namespace)) {
            fleet.create(1, Specs.WITH_EGRESS);
            fleet.awaitSettled(1);
            int code = operator.terminate();
            bed.say("one environment is there; the operator that made it ended with %d", code);
        }
        boolean cached = JvmOptions.aotCacheFile().isPresent();
        List<Row> rows = new ArrayList<>();
        Sample plain = measure(bed, bed.jvm().withoutAotCache(), "without AOT cache");
        String without = "without it %.0f ms (%s)".formatted(plain.median(), plain.range("%.0f"));
        if (cached) {
            Sample fast = measure(bed, bed.jvm(), "with AOT cache");
            rows.add(row("with AOT cache", fast, without));
        } else {
            rows.add(row("no AOT cache there: `make aot` makes it", plain, ""));
        }
        return rows;
    }

    private Row row(String how, Sample sample, String beside) {
        return new Row(
                "process start to first reconcile, Lease free, " + how,
                "<= 1,000 ms",
                Sample.number(Math.rint(sample.median())) + " ms",
                sample.range("%.0f") + " (" + sample.size() + " starts)",
                (beside.isEmpty() ? "" : beside + "; ") + "as the operator logs it, from the process's start time");
    }

    private Sample measure(Bed bed, JvmOptions jvm, String how) {
        Sample sample = new Sample();
        for (int i = 0; i < runs; i++) {
            bed.lab()
                    .admin()
                    .leases()
                    .inNamespace(LabCluster.OPERATOR_NAMESPACE)
                    .withName(LEASE)
                    .delete();
            try (OperatorProcess operator = bed.lab().launch(jvm, bed.lab().operatorKubeconfig())) {
                OptionalInt took = Awaitility.await("the first reconcile")
                        .atMost(TIMEOUT)
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> firstReconcile(operator), OptionalInt::isPresent);
                bed.say("start %d of %d %s: %d ms", i + 1, runs, how, took.getAsInt());
                sample.add(took.getAsInt());
            }
        }
        return sample;
    }

    private static OptionalInt firstReconcile(OperatorProcess operator) {
        return operator.logLines().stream()
                .map(FIRST::matcher)
                .filter(Matcher::find)
                .mapToInt(found -> Integer.parseInt(found.group(1)))
                .findFirst();
    }
}
