package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Lockfile;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.StepChange;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.UnreadFile;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Dependencies;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Detail;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Ecosystem;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Observation;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.OutputsDetail;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.RecordedImage;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.RefusedName;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.UnansweredConnection;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Source;
import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.facts.DetailLists;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A record of a run of the environment payments, as the operator stores it. */
public final class TestRecord {
    public static final DetailEntry.File POM = new DetailEntry.File("pom.xml", 1_234L, "aa00000000000001", null, null);
    public static final DetailEntry.Dependency AXIOS = npm("axios", "1.14.1", null, "1100000000000001", false);
    public static final DetailEntry.Dependency LODASH = npm("lodash", "4.17.21", null, "2200000000000001", false);
    public static final DetailEntry.Package ESBUILD =
            fetched("esbuild", "0.25.1", "3300000000000001", "4400000000000001");

    private static final String MANIFEST = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private final String name;
    private String namespace = "team";
    private Observation observation = new Observation(Outcome.Complete, null, null);
    private BuildRecordInputs inputs = inputs(Reading.Complete, null);
    private Dependencies dependencies = new Dependencies(2, 1, 1, List.of(new Ecosystem("npm", 2)));
    private Detail detail;
    private BuildRecordOutputs outputs;
    private RunArtifacts artifacts = RunArtifacts.NONE;
    private OutputsDetail outputsDetail;
    private Network network = new Network(0, null, null, null, null);

    public TestRecord(String name, DetailEntry... entries) {
        this.name = name;
        DetailLists lists = DetailLists.of(List.of(entries));
        this.detail = new Detail(lists.sha256(), null, lists.content(), null);
    }

    public static DetailEntry.Dependency npm(
            String name, String version, String source, String integrity, boolean installCode) {
        return new DetailEntry.Dependency(name, "npm", version, source, integrity, installCode, "package-lock.json");
    }

    public static DetailEntry.Package fetched(String name, String version, String sha256, String installCode) {
        return new DetailEntry.Package(
                "node_modules/" + name,
                "npm",
                name,
                version,
                sha256,
                installCode,
                installCode == null ? null : List.of("postinstall"),
                installCode == null ? null : 1);
    }

    public static BuildRecordInputs inputs(Reading outcome, String reason, UnreadFile... unread) {
        return new BuildRecordInputs(
                outcome,
                reason,
                MANIFEST,
                1_300,
                123_456L,
                812,
                List.of(new Lockfile("package-lock.json", "npm", 2)),
                List.of(unread),
                unread.length,
                List.of(new StepChange("fetch", 1_200, 3, 0)));
    }

    public TestRecord namespace(String other) {
        namespace = other;
        return this;
    }

    public TestRecord observed(Outcome outcome, String reason, String message) {
        observation = new Observation(outcome, reason, message);
        return this;
    }

    public TestRecord inputs(BuildRecordInputs other) {
        inputs = other;
        return this;
    }

    public TestRecord outputs(BuildRecordOutputs other) {
        outputs = other;
        return this;
    }

    /** What an observer's log says of artifacts and reports, in these lines. */
    public TestRecord made(String... lines) {
        TestLog log = TestLog.of(lines);
        artifacts =
                ObserverLog.read(log.bytes(), log.digest(), Optional.empty()).artifacts();
        return outputsDetail(artifacts
                .lists()
                .map(lists -> new OutputsDetail(lists.sha256(), lists.content(), lists.omitted()))
                .orElse(null));
    }

    public TestRecord outputsDetail(OutputsDetail other) {
        outputsDetail = other;
        return this;
    }

    public TestRecord detail(Detail other) {
        detail = other;
        return this;
    }

    /** As a record of an older version, or of a run that was not observed. */
    public TestRecord withoutInputs() {
        inputs = null;
        dependencies = null;
        detail = null;
        return this;
    }

    public TestRecord sameAs(TestRecord other) {
        detail = new Detail(other.detail.sha256(), other.name, null, null);
        return this;
    }

    /** Names that it asked for, and one address more. */
    public TestRecord asked(String address, String... names) {
        network = new Network(
                names.length + 1,
                Stream.of(names)
                        .map(each -> new RefusedName(each, "build", 4, null, null))
                        .toList(),
                List.of(new UnansweredConnection(address, 443, "TCP", "build", 1, null, null)),
                null,
                null);
        return this;
    }

    public TestRecord network(Network other) {
        network = other;
        return this;
    }

    public BuildRecord build() {
        var record = new BuildRecord();
        record.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name)
                .withUid("5f0c2a11-7d3e-4c2b-9a41-0d6f1e2b3c4d")
                .addToLabels(CleanroomApi.ENVIRONMENT_LABEL, "payments")
                .build());
        record.setObserved(new BuildRecordObserved(
                new BuildRecordObserved.Pod("payments-0-1", "5f0c2a11-7d3e-4c2b-9a41-0d6f1e2b3c4d"),
                observation,
                "8d1f",
                new Source("https://git.example.com/payments.git", "4f1c2d"),
                List.of(new RecordedImage("registry.example.com/builders/maven@sha256:00", List.of("key sha256:11"))),
                "2026-11-30T16:00:00Z",
                "2026-11-30T16:00:04Z",
                "2026-11-30T16:10:00Z",
                0,
                inputs,
                dependencies,
                detail,
                outputs,
                artifacts.artifacts(),
                artifacts.artifactsRead().orElse(null),
                artifacts.scanners(),
                artifacts.scannersRead().orElse(null),
                outputsDetail,
                network));
        return record;
    }

    RecordInputs read() {
        return RecordInputs.of(build(), unused -> Optional.empty());
    }

    RecordComparison.Side side() {
        return new RecordComparison.Side(build(), read());
    }
}
