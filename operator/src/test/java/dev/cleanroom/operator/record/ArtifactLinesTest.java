package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecordArtifact;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordReading;
import dev.cleanroom.api.v1alpha1.BuildRecordScanner;
import dev.cleanroom.operator.record.facts.OutputEntry;
import dev.cleanroom.operator.record.facts.OutputLists;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The artifacts and reports of scanners in an observer's log. */
class ArtifactLinesTest {
    private static final String BUILD = "{\"step\":\"build\",\"started\":\"2026-11-30T16:00:01Z\"}";
    private static final String JAR = """
            {"artifact":"target/app.jar","size":12,"sha256":"00112233445566778899","format":"zip","entries":1,"content":"aa","problems":["DuplicateEntry"]}""";
    private static final String ENTRY = """
            {"entry":"com/example/A.class","in":"target/app.jar","size":7,"sha256":"00112233445566778899","mode":"0644","type":"file"}""";
    private static final String ARTIFACTS = "{\"artifacts\":\"Complete\",\"count\":1,\"entries\":1}";
    private static final String REPORT = """
            {"report":"target/x.sarif","sha256":"bb","tool":"scan","version":"1.2","results":1}""";
    private static final String RESULT = """
            {"result":"rule-1","in":"target/x.sarif","tool":"scan","fingerprint":"0123456789abcdef","level":"error","severity":"9.1","count":2}""";
    private static final String REPORTS = "{\"reports\":\"Complete\",\"count\":1,\"results\":1}";

    /** A pod of one step has no inputs, and artifacts all the same. */
    @Test
    void artifactsAreRead() {
        RunObservation run = observed(BUILD, JAR, ENTRY, ARTIFACTS);
        assertThat(run.observation().outcome()).isEqualTo(BuildRecordObserved.Outcome.Complete);
        assertThat(run.inputs()).contains(RunInputs.NONE);
        assertThat(run.artifacts().artifacts())
                .containsExactly(new BuildRecordArtifact(
                        "target/app.jar", 12L, "00112233445566778899", "zip", 1, "aa", List.of("DuplicateEntry")));
        assertThat(run.artifacts().artifactsRead()).contains(new BuildRecordReading(Outcome.Complete, null, 1, 1));
        assertThat(run.artifacts().scannersRead()).isEmpty();
        assertThat(lists(run).entries())
                .containsExactly(new OutputEntry.Entry(
                        "com/example/A.class", "target/app.jar", 7L, "0011223344556677", "0644", "file"));
    }

    @Test
    void reportsOfScannersAreRead() {
        RunObservation run = observed(
                BUILD,
                REPORT,
                "{\"report\":\"target/y.sarif\",\"problem\":\"Unparsable\"}",
                RESULT,
                REPORTS.replace("Complete\"", "Partial\",\"reason\":\"TooManyItems\""));
        assertThat(run.observation().outcome()).isEqualTo(BuildRecordObserved.Outcome.Complete);
        assertThat(run.artifacts().scanners())
                .containsExactly(
                        new BuildRecordScanner("target/x.sarif", "bb", "scan", "1.2", 1, null),
                        new BuildRecordScanner("target/y.sarif", null, null, null, null, "Unparsable"));
        assertThat(run.artifacts().scannersRead())
                .contains(new BuildRecordReading(Outcome.Partial, "TooManyItems", 1, 1));
        assertThat(run.artifacts().artifactsRead()).isEmpty();
        assertThat(lists(run).results())
                .containsExactly(new OutputEntry.Result(
                        "rule-1", "target/x.sarif", "scan", "0123456789abcdef", "error", "9.1", 2));
    }

    @Test
    void withoutItsLastLineNothingIsKnown() {
        assertThat(observed(BUILD, JAR, ENTRY, REPORT, RESULT).artifacts()).isEqualTo(RunArtifacts.NONE);
        RunObservation run = observed(BUILD, JAR, ENTRY, REPORT, RESULT, REPORTS);
        assertThat(run.artifacts().artifacts()).isEmpty();
        assertThat(lists(run).entries()).isEmpty();
        assertThat(lists(run).results()).hasSize(1);
    }

    @Test
    void listsAndTextsAreBoundedAndEachPathIsListedOnce() {
        String hostile = "a\\u0000\\u001b\\n" + "x".repeat(1_100);
        List<String> lines = new ArrayList<>(List.of(BUILD, JAR, JAR, REPORT, REPORT));
        lines.add(JAR.replace("target/app.jar", hostile).replace("\"DuplicateEntry\"", "\"P\"" + ",\"P\"".repeat(50)));
        IntStream.range(0, 100).forEach(n -> lines.add(JAR.replace("app", "app" + n)));
        IntStream.range(0, 100).forEach(n -> lines.add(REPORT.replace("x.sarif", n + ".sarif")));
        lines.add(ENTRY.replace("com/example", hostile));
        lines.addAll(List.of(ARTIFACTS, REPORTS));
        RunObservation run = observed(lines.toArray(String[]::new));
        assertThat(run.artifacts().artifacts())
                .hasSize(ArtifactLines.MOST_ARTIFACTS)
                .doesNotHaveDuplicates()
                .allSatisfy(artifact -> {
                    assertThat(artifact.path()).hasSizeLessThanOrEqualTo(1_024).doesNotContainPattern("\\p{Cntrl}");
                    assertThat(artifact.problems()).hasSizeLessThanOrEqualTo(ArtifactLines.MOST_PROBLEMS);
                });
        assertThat(run.artifacts().scanners())
                .hasSize(ArtifactLines.MOST_SCANNERS)
                .doesNotHaveDuplicates();
        assertThat(lists(run).entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.entry())
                        .hasSizeLessThanOrEqualTo(1_024)
                        .doesNotContainPattern("\\p{Cntrl}"));
    }

    private static OutputLists lists(RunObservation run) {
        OutputLists lists =
                OutputLists.decode(run.artifacts().lists().orElseThrow().content());
        assertThat(lists.unreadable()).isEmpty();
        return lists;
    }

    private static RunObservation observed(String... lines) {
        TestLog log = TestLog.of(lines);
        return ObserverLog.read(log.bytes(), log.digest(), Optional.empty());
    }
}
