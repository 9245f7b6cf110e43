package dev.cleanroom.operator.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the guard rails cost a pod that is none of theirs: the same create with and without them, in turn. */
final class RailsBenchmark implements Benchmark {
    private static final int WARM_UP = 20;

    /** Gated, so that no scheduler or node has a part in it. */
    private static final String POD = """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"unrelated-%05d"},"spec":{
            "schedulingGates":[{"name":"example.com/never"}],
            "securityContext":{"runAsNonRoot":true,"runAsUser":1000,"seccompProfile":{"type":"RuntimeDefault"}},
            "containers":[{"name":"web","image":"registry.example.com/web:1",
            "securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}}""";

    private final int pods;

    /** @param pods created in each of the two namespaces */
    RailsBenchmark(int pods) {
        this.pods = pods;
    }

    @Override
    public String name() {
        return "rails";
    }

    @Override
    public List<Row> run(Bed bed) {
        String open = bed.lab().namespace();
        String closed = bed.lab().namespace(Map.of("pod-security.kubernetes.io/enforce", "restricted"));
        Sample with = new Sample();
        Sample without = new Sample();
        for (int i = -WARM_UP; i < pods; i++) {
            double railed = create(bed, open, i + WARM_UP);
            double free = create(bed, closed, i + WARM_UP);
            if (i >= 0) {
                with.add(railed);
                without.add(free);
            }
        }
        return List.of(new Row(
                "the rails on the create of an unrelated pod in a namespace open for builds, p50",
                "",
                String.format(Locale.ROOT, "+%.1f ms", with.median() - without.median()),
                "%d pods each".formatted(pods),
                "with %.1f ms (p99 %.1f), in a namespace without %.1f ms (p99 %.1f)"
                        .formatted(with.median(), with.percentile(99), without.median(), without.percentile(99))));
    }

    private static double create(Bed bed, String namespace, int number) {
        long start = System.nanoTime();
        bed.admin().post(Paths.pods(namespace), POD.formatted(number));
        return (System.nanoTime() - start) / 1e6;
    }
}
