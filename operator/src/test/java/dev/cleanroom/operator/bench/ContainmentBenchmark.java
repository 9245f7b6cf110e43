package dev.cleanroom.operator.bench;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.lab.Repository;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * From the annotation acknowledged to the state stored, idle and beside a storm of new environments, with the admission
 * policy and without; each time beside a bare PATCH of the same pod a moment before, and one `kubectl annotate` of many.
 */
final class ContainmentBenchmark implements Benchmark {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final String ADMISSION = "admissionregistration.k8s.io/v1";

    private final int storm;
    private final int runs;

    /**
     * @param storm environments created while it is measured
     * @param runs of the operator alone, each with pods, and a storm, of its own
     */
    ContainmentBenchmark(int storm, int runs) {
        this.storm = storm;
        this.runs = runs;
    }

    @Override
    public String name() {
        return "containment";
    }

    @Override
    public List<Row> run(Bed bed) {
        String namespace = bed.namespace();
        String stormy = bed.namespace();
        List<Row> rows = new ArrayList<>();
        try (OperatorProcess operator = bed.operator("--leader-elect=false", "--namespaces", namespace + "," + stormy);
                StateWatch states = StateWatch.open(bed.admin(), namespace)) {
            rows.add(byPolicy(CutOffRun.of(bed, states, namespace, "idle-policy"), ""));
            rows.add(
                    byPolicy(beside(bed, stormy, () -> CutOffRun.of(bed, states, namespace, "storm-policy")), storm()));
            rows.add(many(bed, states, namespace));
            without(bed, ADMISSION, "MutatingAdmissionPolicy", "quarantine.cleanroom.dev", () -> {
                rows.add(byOperator("", run -> CutOffRun.of(bed, states, namespace, "idle-" + run)));
                rows.add(byOperator(
                        storm(), run -> beside(bed, stormy, () -> CutOffRun.of(bed, states, namespace, "s-" + run))));
                without(
                        bed,
                        "flowcontrol.apiserver.k8s.io/v1",
                        "FlowSchema",
                        "cleanroom-containment",
                        () -> rows.add(byOperator(
                                storm() + ", without our FlowSchema",
                                run -> beside(bed, stormy, () -> CutOffRun.of(bed, states, namespace, "w-" + run)))));
            });
            bed.say("%s", operator.isAlive() ? "closing the incidents" : "the operator ended");
            close(bed, namespace);
        }
        return rows;
    }

    private String storm() {
        return ", beside %,d environments being created".formatted(storm);
    }

    private static Row byPolicy(CutOffRun run, String beside) {
        return new Row(
                "annotation acknowledged to state stored, with the admission policy" + beside,
                "0: same write",
                "%d of %d in the same write"
                        .formatted(run.sameWrite(), run.bare().size()),
                "",
                run.figures());
    }

    private Row byOperator(String beside, IntFunction<CutOffRun> measurement) {
        Sample medians = new Sample();
        Sample tails = new Sample();
        Sample after = new Sample();
        for (int number = 1; number <= runs; number++) {
            CutOffRun run = measurement.apply(number);
            medians.add(run.after().median() / run.bare().median());
            tails.add(run.after().percentile(99) / run.bare().percentile(99));
            after.add(run.after().median());
        }
        return new Row(
                "annotation acknowledged to state stored, by the operator alone" + beside,
                "p50, p99 <= 3 x a bare PATCH's",
                String.format(Locale.ROOT, "p50 %.1f x, p99 %.1f x", medians.median(), tails.median()),
                "p50 %s x, p99 %s x (%d runs)".formatted(medians.range("%.1f"), tails.range("%.1f"), runs),
                String.format(
                        Locale.ROOT,
                        "median of the runs' p50: %.1f ms; %d pods a run",
                        after.median(),
                        CutOffRun.PODS));
    }

    /** One command for all pods of two environments. */
    private static Row many(Bed bed, StateWatch states, String namespace) {
        List<String> pods = new ArrayList<>(CutOffRun.pods(bed, namespace, "many-a"));
        pods.addAll(CutOffRun.pods(bed, namespace, "many-b"));
        String selector = CleanroomApi.ENVIRONMENT_LABEL + " in (many-a,many-b)";
        double bare = kubectl(bed, "annotate", "pod", "-n", namespace, "-l", selector, "example.com/note=seen");
        long start = System.nanoTime();
        kubectl(bed, "annotate", "pod", "-n", namespace, "-l", selector, CleanroomApi.QUARANTINE_ANNOTATION + "=bench");
        long last =
                pods.stream().mapToLong(pod -> states.await(pod, TIMEOUT)).max().orElseThrow();
        return new Row(
                "%d pods quarantined by one `kubectl annotate pod -l`".formatted(pods.size()),
                "all",
                "%d in %.0f ms".formatted(pods.size(), (last - start) / 1e6),
                "",
                "the same command with another annotation: %.0f ms".formatted(bare));
    }

    private static double kubectl(Bed bed, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Repository.labBinary().toString(),
                "kubectl",
                "--dir",
                bed.lab().cluster().labDirectory().orElseThrow().toString()));
        command.addAll(List.of(arguments));
        long start = System.nanoTime();
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return (System.nanoTime() - start) / 1e6;
    }

    /** Runs the measurement while environments are created as fast as one client can. */
    private CutOffRun beside(Bed bed, String stormy, Supplier<CutOffRun> measurement) {
        Fleet fleet = bed.fleet(List.of(stormy));
        CompletableFuture<Void> creating = CompletableFuture.runAsync(() -> fleet.create(storm, Specs.WITH_EGRESS));
        CutOffRun run = measurement.get();
        if (creating.isDone()) {
            bed.say("the last environment was created before the last annotation, its pods were not");
        }
        creating.join();
        fleet.awaitSettled(storm);
        fleet.empty();
        return run;
    }

    /** Takes an object away, and the binding that goes with a policy, until this is done. */
    private static void without(Bed bed, String group, String kind, String name, Runnable work) {
        List<HasMetadata> removed = new ArrayList<>();
        for (String each : kind.endsWith("Policy") ? List.of(kind + "Binding", kind) : List.of(kind)) {
            var resource =
                    bed.lab().admin().genericKubernetesResources(group, each).withName(name);
            HasMetadata item = resource.get();
            resource.delete();
            item.getMetadata().setResourceVersion(null);
            item.getMetadata().setUid(null);
            item.getMetadata().setManagedFields(List.of());
            removed.addFirst(item);
        }
        try {
            work.run();
        } finally {
            removed.forEach(item -> bed.lab().admin().resource(item).create());
        }
    }

    private static void close(Bed bed, String namespace) {
        String incidents = Paths.incidents(namespace);
        bed.admin()
                .eachMetadata(
                        incidents,
                        incident -> bed.admin()
                                .merge(
                                        incidents + "/"
                                                + incident.path("metadata")
                                                        .path("name")
                                                        .asText(),
                                        "{\"spec\":{\"resolution\":{\"verdict\":\"FalsePositive\"}}}"));
        bed.fleet(List.of(namespace)).empty();
    }
}
