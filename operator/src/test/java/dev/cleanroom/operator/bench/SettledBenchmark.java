package dev.cleanroom.operator.bench;

import dev.cleanroom.operator.bench.AuditLog.Count;
import dev.cleanroom.operator.lab.OperatorProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;

/** What is written while nothing happens, and how often the image was verified until then. */
final class SettledBenchmark implements Benchmark {
    private final Sizes.Settled sizes;

    SettledBenchmark(Sizes.Settled sizes) {
        this.sizes = sizes;
    }

    @Override
    public String name() {
        return "settled";
    }

    @Override
    public List<Row> run(Bed bed) {
        String namespace = bed.namespace();
        Fleet fleet = bed.fleet(List.of(namespace));
        try (OperatorProcess operator = bed.operator("--namespaces", namespace)) {
            Instant created = Instant.now();
            fleet.create(sizes.environments(), Specs.WITH_EGRESS);
            fleet.awaitSettled(sizes.environments());
            bed.audit().awaitQuiet(created);
            Instant since = Instant.now();
            Metrics before = Metrics.of(operator);
            bed.say("%d environments are settled; nothing is done for %s", sizes.environments(), sizes.period());
            Awaitility.await("the period to end")
                    .atMost(sizes.period().plusMinutes(1))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> Instant.now().isAfter(since.plus(sizes.period())));
            List<Count> counts = bed.audit().byKind(since);
            Metrics during = Metrics.of(operator).since(before);
            fleet.empty();
            return List.of(
                    new Row(
                            "API writes of %d settled environments in %s"
                                    .formatted(sizes.environments(), text(sizes.period())),
                            "0",
                            String.valueOf(AuditLog.total(counts)),
                            "",
                            "the Lease apart: %d writes; %.0f reconciles"
                                    .formatted(AuditLog.leases(counts), during.reconciles())),
                    new Row(
                            "decisions on an image that took a registry, until %d environments with it are settled"
                                    .formatted(sizes.environments()),
                            "1",
                            "%.0f".formatted(before.imageDecisions()),
                            "",
                            "by the operator's own metric; a tag is asked for again after 5 min"));
        }
    }

    private static String text(Duration period) {
        return period.toSeconds() % 60 == 0 ? period.toMinutes() + " min" : period.toSeconds() + " s";
    }
}
