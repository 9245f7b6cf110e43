package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.record.facts.DetailLists;
import dev.cleanroom.operator.record.findings.RunFacts;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Runs of npm projects whose lockfile names as many dependencies as asked for, all of them fetched: for benchmarks. */
public final class SampleRuns {
    private static final int SEED = 17;
    private static final int DIGEST_BYTES = 32;

    /** One package in a hundred runs code when it is installed. */
    private static final int INSTALLS = 100;

    private final TestLog log;

    private SampleRuns(TestLog log) {
        this.log = log;
    }

    public static SampleRuns of(int dependencies) {
        var random = new Random(SEED);
        List<String> lines = new ArrayList<>(List.of("{\"step\":\"fetch\",\"started\":\"2026-11-30T16:00:00Z\"}"));
        lines.add(
                "{\"file\":\"package-lock.json\",\"size\":1,\"sha256\":\"%s\",\"lockfile\":\"npm\",\"dependencies\":%d}"
                        .formatted(digest(random), dependencies));
        for (int n = 0; n < dependencies; n++) {
            String name = name(random, n);
            String version = random.nextInt(20) + "." + random.nextInt(30) + "." + random.nextInt(10);
            boolean installs = n % INSTALLS == 0;
            lines.add("""
                    {"dependency":"%s","ecosystem":"npm","version":"%s","integrity":"sha512-%s","installCode":%b,"lockfile":"package-lock.json"}""".formatted(name, version, digest(random), installs));
            lines.add("""
                    {"package":"node_modules/%s","ecosystem":"npm","name":"%s","version":"%s","sha256":"%s"%s}""".formatted(
                            name,
                            name,
                            version,
                            digest(random),
                            installs ? ",\"installCode\":\"" + digest(random) + "\",\"hooks\":[\"postinstall\"]" : ""));
        }
        lines.add(
                "{\"inputs\":\"Complete\",\"sha256\":\"ab\",\"files\":1,\"bytes\":1,\"dependencies\":%d,\"packages\":%d}"
                        .formatted(dependencies, dependencies));
        return new SampleRuns(TestLog.of(lines.toArray(String[]::new)));
    }

    public byte[] bytes() {
        return log.bytes();
    }

    /** What its observer reported of the inputs, as it is judged. */
    public RunFacts facts() {
        return ObserverLog.report(log.bytes(), log.digest(), Optional.empty()).facts();
    }

    String digest() {
        return log.digest();
    }

    public RunObservation read() {
        return ObserverLog.read(log.bytes(), log.digest(), Optional.empty());
    }

    /** A stored record of such a run. */
    public static BuildRecord record(BuildEnvironment environment, RunObservation observed, int number) {
        DetailLists lists = observed.inputs().flatMap(RunInputs::lists).orElseThrow();
        String pod = environment.getMetadata().getName() + "-0-" + number;
        var record = new BuildRecord();
        record.setMetadata(new ObjectMetaBuilder()
                .withNamespace(environment.getMetadata().getNamespace())
                .withName(pod + "-5f0c2a11")
                .addToLabels(
                        CleanroomApi.ENVIRONMENT_LABEL,
                        environment.getMetadata().getName())
                .addToAnnotations(CleanroomApi.DETAIL_ANNOTATION, lists.sha256())
                .withOwnerReferences(Names.owner(environment))
                .build());
        record.setObserved(new BuildRecordObserved(
                new BuildRecordObserved.Pod(pod, "5f0c2a11-7d3e-4c2b-9a41-0d6f1e2b3c4d"),
                observed.observation(),
                null,
                null,
                null,
                null,
                null,
                null,
                0,
                null,
                null,
                new BuildRecordObserved.Detail(lists.sha256(), null, lists.content(), null),
                null,
                null,
                null,
                null,
                null,
                null,
                observed.network().orElse(null)));
        return record;
    }

    /** Names of two words, so that they compress about as real ones. */
    private static String name(Random random, int n) {
        String[] words = {
            "array", "string", "is", "util", "parse", "http", "babel", "plugin", "loader", "stream", "event"
        };
        return words[random.nextInt(words.length)] + "-" + words[random.nextInt(words.length)] + "-"
                + Integer.toString(n, Character.MAX_RADIX);
    }

    private static String digest(Random random) {
        byte[] digest = new byte[DIGEST_BYTES];
        random.nextBytes(digest);
        return HexFormat.of().formatHex(digest);
    }
}
