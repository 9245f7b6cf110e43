package dev.cleanroom.operator.bench;

import dev.cleanroom.operator.bench.Fleet.Census;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.record.SampleRuns;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.awaitility.Awaitility;

/** Thousands of environments as fast as one client can create them: whether all get there, and what the operator holds. */
final class MemoryBenchmark implements Benchmark {
    private static final int NAMESPACES = 10;
    private static final int RECORDS_EACH = 3;
    private static final int DEPENDENCIES = 300;
    private static final int SAMPLES = 12;
    private static final Duration BETWEEN_SAMPLES = Duration.ofSeconds(5);
    private final int environments;

    MemoryBenchmark(int environments) {
        this.environments = environments;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<Row> run(Bed bed) {
        Fleet fleet = bed.fleet(NAMESPACES);
        List<Row> rows = new ArrayList<>(settled(bed, fleet));
        rows.add(recorded(bed, fleet));
        fleet.empty();
        return rows;
    }

    private List<Row> settled(Bed bed, Fleet fleet) {
        try (OperatorProcess operator = bed.operator()) {
            Instant since = Instant.now();
            long start = System.nanoTime();
            fleet.create(environments, Specs.WITH_EGRESS);
            double created = seconds(start);
            bed.say("%d environments created in %.1f s", environments, created);
            Census census = fleet.awaitSettled(environments);
            double settled = seconds(start);
            bed.say("settled after %.1f s: %s", settled, census);
            Metrics metrics = Metrics.of(operator);
            int refused = AuditLog.refused(bed.audit().byKind(since));
            bed.say("refused: %s", AuditLog.refusals(bed.audit().byKind(since)));
            Sample resident = resident(bed, operator);
            double most = ResidentMemory.of(operator.pid()).mostMegabytes();
            return List.of(
                    new Row(
                            "%,d environments created at once by one client: all Ready, none with two pods"
                                    .formatted(environments),
                            "%,d; 0".formatted(environments),
                            "%,d; %d".formatted(census.ready(), census.crowded()),
                            "",
                            String.format(
                                    Locale.ROOT,
                                    "created in %.1f s, settled after %.1f s; %d not settled, %d writes refused, %.0f"
                                            + " reconciles failed",
                                    created,
                                    settled,
                                    census.unsettled(),
                                    refused,
                                    metrics.failedReconciles())),
                    new Row(
                            "resident memory with %,d environments settled".formatted(environments),
                            "<= 300 MB",
                            "%.0f MB".formatted(resident.median()),
                            resident.range("%.0f") + " (1 min)",
                            "at most %.0f MB since its start; %s"
                                    .formatted(most, bed.jvm().text())));
        }
    }

    /** A fresh process lists all records at its start. */
    private Row recorded(Bed bed, Fleet fleet) {
        fleet.record(bed.operatorAccount(), RECORDS_EACH, SampleRuns.of(DEPENDENCIES));
        bed.say("%d records created", environments * RECORDS_EACH);
        try (OperatorProcess operator = bed.operator()) {
            fleet.awaitSettled(environments);
            Sample resident = resident(bed, operator);
            return new Row(
                    "the same with %,d records of %,d dependencies each, after a restart"
                            .formatted(environments * RECORDS_EACH, DEPENDENCIES),
                    "<= 300 MB",
                    "%.0f MB".formatted(resident.median()),
                    resident.range("%.0f") + " (1 min)",
                    "at most %.0f MB since its start"
                            .formatted(ResidentMemory.of(operator.pid()).mostMegabytes()));
        }
    }

    private static Sample resident(Bed bed, OperatorProcess operator) {
        Sample resident = new Sample();
        for (int i = 0; i < SAMPLES; i++) {
            pause();
            resident.add(ResidentMemory.of(operator.pid()).nowMegabytes());
            bed.say("resident: %s", ResidentMemory.of(operator.pid()));
        }
        return resident;
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static void pause() {
        Instant end = Instant.now().plus(BETWEEN_SAMPLES);
        Awaitility.await("the next sample").until(() -> Instant.now().isAfter(end));
    }
}
