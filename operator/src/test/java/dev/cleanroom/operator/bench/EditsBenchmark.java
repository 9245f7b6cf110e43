package dev.cleanroom.operator.bench;

import dev.cleanroom.operator.bench.Fleet.Census;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Environments that are edited twice right after their creation: where a stale cache makes a second pod. */
final class EditsBenchmark implements Benchmark {
    private static final Duration WATCH_TIMEOUT = Duration.ofMinutes(2);

    private static final String FIRST = """
            {"spec":{"image":"%s"}}""".formatted(Manifests.OTHER_IMAGE);
    private static final String SECOND = """
            {"spec":{"env":[{"name":"MAVEN_OPTS","value":"-Xmx2g"}],"egress":[{"name":"store","cidr":"198.51.100.0/24","ports":[443]}]}}""";
    private final int environments;

    EditsBenchmark(int environments) {
        this.environments = environments;
    }

    @Override
    public String name() {
        return "edits";
    }

    @Override
    public List<Row> run(Bed bed) {
        String namespace = bed.namespace();
        Fleet fleet = bed.fleet(List.of(namespace));
        try (OperatorProcess operator = bed.operator("--namespaces", namespace);
                PodOverlaps overlaps = PodOverlaps.watch(bed.team(), namespace)) {
            Instant since = Instant.now();
            String json = Specs.json("NAME", Specs.WITH_EGRESS);
            InFlight.each(environments, i -> {
                String path = Paths.environments(namespace);
                bed.team().post(path, json.replace("\"NAME\"", '"' + Fleet.name(i) + '"'));
                bed.team().merge(path + "/" + Fleet.name(i), FIRST);
                bed.team().merge(path + "/" + Fleet.name(i), SECOND);
            });
            bed.say("%d environments created and edited twice", environments);
            Census census = fleet.awaitSettled(environments);
            overlaps.await(census.pods(), WATCH_TIMEOUT);
            int refused = AuditLog.refused(bed.audit().byKind(since));
            bed.say("refused: %s", AuditLog.refusals(bed.audit().byKind(since)));
            double writes = AuditLog.total(bed.audit().byKind(since));
            double failed = Metrics.of(operator).failedReconciles();
            fleet.empty();
            return List.of(new Row(
                    "%,d environments, each edited twice right after creation: all Ready, none with two pods once settled"
                            .formatted(environments),
                    "%,d; 0".formatted(environments),
                    "%,d; %d".formatted(census.ready(), census.crowded()),
                    "",
                    String.format(
                            Locale.ROOT,
                            "%d pods were created beside another of their slot, %d more beside one already going; %d"
                                    + " writes refused of %.1f an environment; %.0f reconciles failed",
                            overlaps.beside(),
                            overlaps.besideGoing(),
                            refused,
                            writes / environments,
                            failed)));
        }
    }
}
