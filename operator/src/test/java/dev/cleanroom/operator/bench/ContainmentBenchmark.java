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
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/**
 * From the annotation acknowledged to the state stored, idle and beside a storm of new environments, with the admission
 * policy and without; each time beside a bare PATCH of the same pod a moment before, and one `kubectl annotate` of many.
 */
final class ContainmentBenchmark implements Benchmark {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final int REPLICAS = 50;
    private static final String BARE = "{\"metadata\":{\"annotations\":{\"example.com/note\":\"seen\"}}}";
    private static final String QUARANTINE =
            "{\"metadata\":{\"annotations\":{\"" + CleanroomApi.QUARANTINE_ANNOTATION + "\":\"bench\"}}}";
    private static final String POLICY = "quarantine.cleanroom.dev";

    private final int storm;

    /** @param storm environments created while it is measured */
    ContainmentBenchmark(int storm) {
        this.storm = storm;
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
            rows.add(measured(bed, states, namespace, "idle-policy", true, ""));
            rows.add(beside(bed, stormy, () -> measured(bed, states, namespace, "storm-policy", true, storm())));
            rows.add(many(bed, states, namespace));
            List<HasMetadata> removed = withoutPolicy(bed);
            try {
                rows.add(measured(bed, states, namespace, "idle-operator", false, ""));
                rows.add(beside(bed, stormy, () -> measured(bed, states, namespace, "storm-operator", false, storm())));
            } finally {
                removed.forEach(item -> bed.lab().admin().resource(item).create());
            }
            bed.say("%s", operator.isAlive() ? "closing the incidents" : "the operator ended");
            close(bed, namespace);
        }
        return rows;
    }

    private String storm() {
        return ", beside %,d environments being created".formatted(storm);
    }

    /** One pod after the other: a bare PATCH, then the annotation. */
    private static Row measured(
            Bed bed, StateWatch states, String namespace, String environment, boolean policy, String beside) {
        List<String> pods = pods(bed, namespace, environment);
        Sample bare = new Sample();
        Sample acknowledged = new Sample();
        Sample after = new Sample();
        int same = 0;
        for (String pod : pods) {
            String path = Paths.pods(namespace) + "/" + pod;
            long start = System.nanoTime();
            bed.admin().merge(path, BARE);
            bare.add((System.nanoTime() - start) / 1e6);
            start = System.nanoTime();
            String answer = bed.admin().merge(path, QUARANTINE);
            long acknowledgedAt = System.nanoTime();
            acknowledged.add((acknowledgedAt - start) / 1e6);
            same += answer.contains("\"" + CleanroomApi.STATE_LABEL + "\":\"quarantined\"") ? 1 : 0;
            after.add(Math.max(0, (states.await(pod, TIMEOUT) - acknowledgedAt) / 1e6));
        }
        String figures = "bare PATCH p50 %.1f, p99 %.1f ms; the annotation's p50 %.1f, p99 %.1f ms"
                .formatted(bare.median(), bare.percentile(99), acknowledged.median(), acknowledged.percentile(99));
        bed.say("%s: %d of %d in the same write; %s", environment, same, pods.size(), figures);
        String claim = "annotation acknowledged to state stored, %s%s"
                .formatted(policy ? "with the admission policy" : "by the operator alone", beside);
        return policy
                ? new Row(
                        claim, "0: same write", "%d of %d in the same write".formatted(same, pods.size()), "", figures)
                : new Row(
                        claim,
                        "p50, p99 <= 3 x a bare PATCH's",
                        String.format(
                                Locale.ROOT,
                                "%.1f x, %.1f x (p50 %.1f, p99 %.1f ms)",
                                after.median() / bare.median(),
                                after.percentile(99) / bare.percentile(99),
                                after.median(),
                                after.percentile(99)),
                        after.range("%.1f") + " ms (" + pods.size() + ")",
                        figures);
    }

    /** One command for all pods of two environments. */
    private static Row many(Bed bed, StateWatch states, String namespace) {
        List<String> pods = new ArrayList<>(pods(bed, namespace, "many-a"));
        pods.addAll(pods(bed, namespace, "many-b"));
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
    private Row beside(Bed bed, String stormy, Supplier<Row> measurement) {
        Fleet fleet = bed.fleet(List.of(stormy));
        CompletableFuture<Void> creating = CompletableFuture.runAsync(() -> fleet.create(storm, Specs.WITH_EGRESS));
        Row row = measurement.get();
        String note = creating.isDone()
                ? "; the last environment was created before the last annotation, its pods were not"
                : "";
        creating.join();
        fleet.awaitSettled(storm);
        fleet.empty();
        return new Row(row.claim(), row.target(), row.figure(), row.spread(), row.beside() + note);
    }

    /** Names of the pods of an environment made for this: what is quarantined in it is not replaced. */
    private static List<String> pods(Bed bed, String namespace, String environment) {
        bed.team().post(Paths.environments(namespace), Specs.json(environment, Specs.manyAgents(REPLICAS)));
        List<String> names = new ArrayList<>();
        for (int slot = 0; slot < REPLICAS; slot++) {
            names.add(environment + "-" + slot + "-1");
        }
        Awaitility.await("the pods of " + environment)
                .atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> ready(bed, namespace, environment) == REPLICAS);
        return names;
    }

    private static int ready(Bed bed, String namespace, String environment) {
        return bed.admin()
                .get(Paths.environments(namespace) + "/" + environment)
                .path("status")
                .path("readyReplicas")
                .asInt();
    }

    /** Takes the policy and its binding away until it answers no more; returns them for later. */
    private static List<HasMetadata> withoutPolicy(Bed bed) {
        List<HasMetadata> removed = new ArrayList<>();
        for (String kind : List.of("MutatingAdmissionPolicyBinding", "MutatingAdmissionPolicy")) {
            var resource = bed.lab()
                    .admin()
                    .genericKubernetesResources("admissionregistration.k8s.io/v1", kind)
                    .withName(POLICY);
            HasMetadata item = resource.get();
            resource.delete();
            item.getMetadata().setResourceVersion(null);
            item.getMetadata().setUid(null);
            item.getMetadata().setManagedFields(List.of());
            removed.addFirst(item);
        }
        return removed;
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
