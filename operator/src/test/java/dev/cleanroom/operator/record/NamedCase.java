package dev.cleanroom.operator.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Detail;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Stage;
import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.record.facts.DetailLists;
import dev.cleanroom.operator.record.facts.RecordDetail;
import dev.cleanroom.operator.record.findings.Judge;
import dev.cleanroom.operator.record.findings.Judgement;
import dev.cleanroom.operator.record.findings.KnownGood;
import dev.cleanroom.operator.record.findings.RunFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An attack that happened, as an entry of {@code findings/cases/cases.json}. Its folder has what an observer reports of a
 * project before it ({@code baseline.jsonl}), of the same project with it ({@code run.jsonl}), and, for some, of an ordinary
 * update instead ({@code benign.jsonl}).
 *
 * @param changed what the attacker changed
 * @param sources where the facts are from
 * @param indicator which indicator is to find it; null if none is
 * @param keys the keys of all findings of severity High or more, without their digests; null if it is not found today
 * @param beforeAnyWithoutScripts whether it is found before any hostile code runs, if npm runs no scripts in prepare steps
 * @param reason why it is not found, or not earlier
 * @param update what the ordinary update is; null if there is none
 */
record NamedCase(
        String id,
        String incident,
        int year,
        String changed,
        List<String> sources,
        Found found,
        Integer indicator,
        Stage stage,
        Severity severity,
        List<String> keys,
        When when,
        boolean beforeAnyWithoutScripts,
        String reason,
        String update) {
    /** Whether the judge finds it. */
    enum Found {
        Today,
        /** By an indicator that does not exist yet. */
        Planned,
        Missed
    }

    /** Until when the observer has read what a finding needs. */
    enum When {
        BeforeHostileCode,
        BeforeBuild,
        After,
        NotAtAll
    }

    static final Path FOLDER = Repository.root().resolve("operator/src/test/resources/findings/cases");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> STEPS = List.of("checkout", "fetch", "build");

    static List<NamedCase> all() throws IOException {
        return List.of(JSON.readValue(FOLDER.resolve("cases.json").toFile(), NamedCase[].class));
    }

    Path file(String name) {
        return FOLDER.resolve(id).resolve(name);
    }

    /** @param name {@code run.jsonl} or {@code benign.jsonl} */
    Judgement judged(String name) throws IOException {
        RunFacts before = facts(record("baseline.jsonl"));
        return Judge.judge(facts(record(name)), Optional.of(new KnownGood("known-good", before)));
    }

    /** The record of a run whose observer wrote these lines. */
    BuildRecord record(String name) throws IOException {
        List<String> lines = new ArrayList<>();
        STEPS.forEach(step -> lines.add("{\"step\":\"%s\",\"started\":\"2026-11-30T16:00:00Z\"}".formatted(step)));
        lines.addAll(Files.readAllLines(file(name)));
        TestLog log = TestLog.of(lines.toArray(String[]::new));
        RunObservation run = ObserverLog.read(log.bytes(), log.digest(), Optional.empty());
        RunInputs inputs = run.inputs().orElseThrow();
        DetailLists lists = inputs.lists().orElseThrow();
        TestRecord record = new TestRecord(id)
                .inputs(inputs.inputs())
                .detail(new Detail(lists.sha256(), null, lists.content(), null))
                .network(run.network().orElseThrow());
        inputs.outputs().ifPresent(record::outputs);
        return record.build();
    }

    private static RunFacts facts(BuildRecord record) {
        return switch (RecordDetail.decode(record.getObserved().detail().content())) {
            case RecordDetail.Read read -> RunFacts.of(record, read.detail());
            case RecordDetail.Unreadable broken -> throw new IllegalStateException(broken.why());
        };
    }

    /** The lines of a file. */
    List<JsonNode> lines(String name) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file(name))) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    /** The build files of the run that the project did not have before. */
    List<String> newFiles() throws IOException {
        List<String> before = paths("baseline.jsonl");
        return paths("run.jsonl").stream()
                .filter(each -> !before.contains(each))
                .toList();
    }

    private List<String> paths(String name) throws IOException {
        return lines(name).stream()
                .filter(line -> line.has("file"))
                .map(line -> line.path("file").asText())
                .toList();
    }

    List<String> files() {
        return update == null
                ? List.of("baseline.jsonl", "run.jsonl")
                : List.of("baseline.jsonl", "benign.jsonl", "run.jsonl");
    }
}
