package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.OutputsDetail;
import dev.cleanroom.operator.record.InputsDifference.Change;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What two runs made, and what of it can be compared. */
class ArtifactsDifferenceTest {
    private static final String JAR = artifact("app.jar", "aa", "c1", 2);
    private static final String MAIN = entry("Main.class", "11", "0644");
    private static final String OTHER = entry("Other.class", "22", "0644");
    private static final String END = "{\"artifacts\":\"Complete\",\"count\":1,\"entries\":2}";
    private static final String REPORT = "{\"report\":\"x.sarif\",\"sha256\":\"bb\",\"tool\":\"scan\",\"results\":1}";
    private static final String RESULT = result("rule-1", 1);
    private static final String REPORTS = "{\"reports\":\"Complete\",\"count\":1,\"results\":1}";

    private final TestRecord before = record(JAR, MAIN, OTHER, END, REPORT, RESULT, REPORTS);

    private RecordComparison to(TestRecord after) {
        return RecordComparison.of(before.side(), after.side());
    }

    private static List<String> differences(RecordComparison comparison) {
        return comparison.made().all().map(Change::toString).toList();
    }

    @Test
    void theSameArtifactsAndResultsDoNotDiffer() {
        RecordComparison same = to(record(JAR, MAIN, OTHER, END, REPORT, RESULT, REPORTS));
        assertThat(same.count()).isZero();
        assertThat(same.gaps()).isEmpty();
    }

    @Test
    void changedNewAndRemovedAreNamed() {
        RecordComparison other = to(record(
                artifact("app.jar", "ab", "c2", 3),
                entry("Main.class", "12", "0755"),
                entry("New.class", "33", "0644"),
                artifact("extra.jar", "ac", "c3", 1),
                entry("E.class", "44", "0644").replace("app.jar", "extra.jar"),
                END.replace("\"count\":1", "\"count\":2"),
                REPORT,
                RESULT.replace("\"count\":1", "\"count\":2"),
                result("rule-2", 1),
                REPORTS));
        assertThat(other.gaps()).isEmpty();
        assertThat(String.join("\n", other.lines())).contains("""
                artifacts:
                ~ app.jar  size 7 -> 7; entries 2 -> 3
                + extra.jar  size 7

                entries of artifacts:
                ~ app.jar!Main.class  0644 11 -> 0755 12
                + app.jar!New.class  0644 33
                - app.jar!Other.class

                results of scanners:
                ~ scan rule-1 0123456789abcdef  error 9.1 1 times in x.sarif -> error 9.1 2 times in x.sarif
                + scan rule-2 0123456789abcdef  error 9.1 1 times in x.sarif

                7 differences""");
    }

    @Test
    void packedInAnotherWayIsNoOtherContent() {
        assertThat(differences(
                        to(record(artifact("app.jar", "ab", "c1", 2), MAIN, OTHER, END, REPORT, RESULT, REPORTS))))
                .containsExactly("~ app.jar  the same entries, packed in another way");
    }

    @Test
    void problemsOfAnArchiveAreADifference() {
        assertThat(differences(to(record(
                        JAR.replace("\"content\"", "\"problems\":[\"TrailingData\"],\"content\""),
                        MAIN,
                        OTHER,
                        END,
                        REPORT,
                        RESULT,
                        REPORTS))))
                .containsExactly("~ app.jar  problems none -> TrailingData");
    }

    /** An archive without the digest of its content was not read whole. */
    @Test
    void whatWasNotReadIsNotTakenForAbsent() {
        RecordComparison later = to(record(
                artifact("app.jar", "ab", "", 1).replace("\"content\"", "\"problems\":[\"TooBig\"],\"content\""),
                MAIN,
                entry("New.class", "33", "0644"),
                END,
                REPORT.replace("\"results\":1", "\"problem\":\"Unparsable\""),
                REPORTS));
        assertThat(differences(later))
                .containsExactly(
                        "~ app.jar  size 7 -> 7; entries 2 -> 1; problems none -> TooBig",
                        "+ app.jar!New.class  0644 33");
        assertThat(later.gaps())
                .containsExactly(
                        "the record b-0-1-bbbbbbbb has the artifact app.jar, which was not read whole (TooBig)",
                        "the record b-0-1-bbbbbbbb has the report x.sarif, whose results are not known (Unparsable)");
    }

    @Test
    void aPartialReadingHidesNeitherWhatIsNewNorClaimsThatSomethingIsGone() {
        String partial = "{\"artifacts\":\"Partial\",\"reason\":\"TooManyFiles\",\"count\":0,\"entries\":0}";
        RecordComparison later = to(record(partial, REPORT, RESULT, REPORTS));
        assertThat(differences(later)).isEmpty();
        assertThat(later.gaps())
                .containsExactly(
                        "the record b-0-1-bbbbbbbb has Partial artifacts (TooManyFiles): they were not read whole");
        RecordComparison earlier =
                RecordComparison.of(record(partial, REPORT, RESULT, REPORTS).side(), before.side());
        assertThat(differences(earlier)).as("perhaps it existed before").isEmpty();
    }

    @Test
    void anEntryThatCouldNotBeReadIsNotKnownToHaveChanged() {
        assertThat(differences(
                        to(record(JAR, MAIN.replace("\"sha256\":\"11\",", ""), OTHER, END, REPORT, RESULT, REPORTS))))
                .isEmpty();
    }

    @Test
    void listsThatAreNotWholeClaimNothing() {
        TestRecord omitted = record(JAR, MAIN, END, REPORT, REPORTS);
        OutputsDetail detail = omitted.build().getObserved().outputsDetail();
        omitted.outputsDetail(new OutputsDetail(detail.sha256(), detail.content(), 2));
        assertThat(differences(to(omitted))).isEmpty();
        assertThat(to(omitted).gaps())
                .containsExactly(
                        "the record b-0-1-bbbbbbbb leaves out 2 entries of artifacts and results of scanners for"
                                + " which there was no room");
        omitted.outputsDetail(new OutputsDetail("00", "no base64!", null));
        assertThat(to(omitted).gaps())
                .containsExactly(
                        "the record b-0-1-bbbbbbbb has an outputsDetail that cannot be used: it is not base64");
        omitted.outputsDetail(null);
        assertThat(differences(to(omitted))).isEmpty();
        assertThat(to(omitted).gaps())
                .containsExactly(
                        "the record b-0-1-bbbbbbbb has no outputsDetail, so entries of artifacts and results of"
                                + " scanners are not known");
    }

    @Test
    void moreArtifactsThanARecordListsAreAGap() {
        RecordComparison later = to(record(
                artifact("b.jar", "aa", "c1", 0), END.replace("\"count\":1", "\"count\":60"), REPORT, RESULT, REPORTS));
        assertThat(differences(later)).containsExactly("+ b.jar  size 7");
        assertThat(later.gaps()).containsExactly("the record b-0-1-bbbbbbbb leaves out 59 artifacts");
    }

    @Test
    void aRunThatDeclaredNothingIsNotComparedWithOneThatDid() {
        RecordComparison later = to(record());
        assertThat(differences(later)).isEmpty();
        assertThat(later.gaps())
                .containsExactly(
                        "the record b-0-1-bbbbbbbb knows nothing of artifacts: spec.detection.artifacts named none for its"
                                + " run",
                        "the record b-0-1-bbbbbbbb knows nothing of reports: spec.detection.reports named none for its run");
        RecordComparison unobserved = to(record().withoutInputs().observed(Outcome.Unobserved, "NoReport", "it ended"));
        assertThat(differences(unobserved)).isEmpty();
        assertThat(unobserved.gaps()).containsExactly("the record b-0-1-bbbbbbbb is Unobserved (NoReport): it ended");
    }

    private static TestRecord record(String... lines) {
        String build = "{\"step\":\"build\",\"started\":\"2026-11-30T16:00:01Z\"}";
        return new TestRecord("b-0-1-bbbbbbbb")
                .made(Stream.concat(Stream.of(build), Stream.of(lines)).toArray(String[]::new));
    }

    private static String artifact(String path, String sha256, String content, int entries) {
        return "{\"artifact\":\"%s\",\"size\":7,\"sha256\":\"%s\",\"format\":\"zip\",\"entries\":%d,\"content\":\"%s\"}"
                .formatted(path, sha256, entries, content);
    }

    private static String entry(String path, String sha256, String mode) {
        return "{\"entry\":\"%s\",\"in\":\"app.jar\",\"size\":1,\"sha256\":\"%s\",\"mode\":\"%s\",\"type\":\"file\"}"
                .formatted(path, sha256, mode);
    }

    private static String result(String rule, int count) {
        return "{\"result\":\"%s\",\"in\":\"x.sarif\",\"tool\":\"scan\",\"fingerprint\":\"0123456789abcdef\",\"level\":\"error\",\"severity\":\"9.1\",\"count\":%d}"
                .formatted(rule, count);
    }
}
