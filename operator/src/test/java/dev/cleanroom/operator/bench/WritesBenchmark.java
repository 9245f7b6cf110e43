package dev.cleanroom.operator.bench;

import dev.cleanroom.operator.bench.AuditLog.Count;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.pod.Names;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How many writes an environment costs until it is Ready, from the API server's own audit log. */
final class WritesBenchmark implements Benchmark {
    private static final Set<String> OF_THE_NAMESPACE = Set.of(Names.DENY_ALL, Names.BEACON, Names.EVIDENCE_BUDGET);

    private final int environments;

    WritesBenchmark(int environments) {
        this.environments = environments;
    }

    private record Case(String claim, int target, String spec) {}

    @Override
    public String name() {
        return "writes";
    }

    @Override
    public List<Row> run(Bed bed) {
        String withIdentity = Specs.withIdentity(bed.lab().buildClass(Map.of()));
        List<Case> cases = List.of(
                new Case("API writes from creation to Ready: one replica, egress", 3, Specs.WITH_EGRESS),
                new Case("API writes from creation to Ready: three replicas, egress", 5, Specs.THREE_REPLICAS),
                new Case("API writes from creation to Ready: one replica, egress, identity", 4, withIdentity),
                new Case("API writes from creation to Ready: one replica, egress, phases", 5, Specs.WITH_PHASES));
        String namespace = bed.namespace();
        Fleet fleet = bed.fleet(List.of(namespace));
        Instant start = Instant.now();
        List<Row> rows = new ArrayList<>();
        try (OperatorProcess _ = bed.operator("--namespaces", namespace)) {
            // The status of classes is none of an environment's.
            bed.audit().awaitQuiet(start);
            for (Case each : cases) {
                rows.add(measure(bed, fleet, each));
            }
            List<Count> all = bed.audit().byObject(start);
            rows.add(new Row(
                    "API writes of a namespace's own objects (deny-all, beacon, budget), the Lease",
                    "",
                    all.stream()
                                    .filter(count -> OF_THE_NAMESPACE.contains(count.name()))
                                    .mapToInt(Count::count)
                                    .sum()
                            + ", " + AuditLog.leases(all),
                    "",
                    "in the %d s of the rows above; not counted there"
                            .formatted(Instant.now().getEpochSecond() - start.getEpochSecond())));
        }
        return rows;
    }

    private Row measure(Bed bed, Fleet fleet, Case measured) {
        Instant since = Instant.now();
        fleet.create(environments, measured.spec());
        fleet.awaitSettled(environments);
        // What is written late counts too.
        bed.audit().awaitQuiet(since);
        List<Count> counts = bed.audit().byObject(since).stream()
                .filter(count -> !count.isLease() && !OF_THE_NAMESPACE.contains(count.name()))
                .toList();
        String refusals = AuditLog.refusals(bed.audit().byKind(since));
        Sample each = new Sample();
        for (int i = 0; i < environments; i++) {
            String name = Fleet.name(i);
            each.add(counts.stream()
                    .filter(count -> count.name().contains(name))
                    .mapToInt(Count::count)
                    .sum());
        }
        bed.say("%s: %d writes for %d environments", measured.claim(), AuditLog.total(counts), environments);
        fleet.empty();
        return new Row(
                measured.claim(),
                String.valueOf(measured.target()),
                Sample.number((double) AuditLog.total(counts) / environments),
                each.range("%.0f") + " (" + environments + " environments at once)",
                "audit log, attempts and Events counted; refused: " + (refusals.isEmpty() ? "0" : refusals));
    }
}
