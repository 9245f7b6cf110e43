package dev.cleanroom.operator.record;

import static dev.cleanroom.operator.record.TestRecord.AXIOS;
import static dev.cleanroom.operator.record.TestRecord.ESBUILD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.UnreadFile;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs.ChangedInput;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs.NewFile;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Stage;
import dev.cleanroom.api.v1alpha1.Verdict;
import dev.cleanroom.operator.record.facts.DetailEntry;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RecordPageTest {
    private static List<String> page(TestRecord record) {
        return RecordPage.of(record.build(), record.read());
    }

    @Test
    void everythingOnOneScreen() {
        TestRecord record = new TestRecord("payments-0-1-5f0c2a11", AXIOS, ESBUILD)
                .inputs(TestRecord.inputs(Reading.Partial, "TooSlow", new UnreadFile("secret.key", "Unreadable")))
                .observed(Outcome.Partial, "TooSlow", "the workspace was not read whole")
                .outputs(new BuildRecordOutputs(
                        BuildRecordOutputs.Outcome.Partial,
                        "TooSlow",
                        120,
                        1,
                        1,
                        30_000,
                        List.of(new ChangedInput("src/Main.java", "Changed")),
                        List.of(
                                new NewFile("dist/x.sh", 12L, "file", true, null),
                                new NewFile("dist/run", 9L, "file", true, true))))
                .asked("192.0.2.1", "cdn.example.com");
        assertThat(String.join("\n", page(record))).isEqualTo("""
                record        team/payments-0-1-5f0c2a11
                environment   payments
                pod           payments-0-1, exit code 0
                time          pod 2026-11-30T16:00:00Z, build 2026-11-30T16:00:04Z, ended 2026-11-30T16:10:00Z
                source        https://git.example.com/payments.git 4f1c2d
                observed      Partial (TooSlow): the workspace was not read whole
                image         registry.example.com/builders/maven@sha256:00, signed by key sha256:11
                inputs        Partial (TooSlow), 1300 files, 123456 bytes, sha256 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
                step          fetch: added 1200, changed 3, removed 0 files
                lockfile      package-lock.json (npm, 2 dependencies)
                unread        secret.key (Unreadable)
                dependencies  2 (npm 2); 1 fetched packages, 1 with install code
                install code  pkg:npm/esbuild@0.25.1, postinstall, 1 native files, node_modules/esbuild
                build         added 120, changed 1, removed 1 files; not all was read (TooSlow)
                input changed src/Main.java (Changed)
                input changed and 1 more
                file added    dist/x.sh (executable)
                file added    dist/run (executable, machine code)
                file added    and 118 more
                asked for     cdn.example.com (4 times, in build)
                asked for     192.0.2.1 port 443 (once, in build)
                not known     the record has Partial inputs (TooSlow): the workspace was not read whole
                not known     the record leaves out what is in 1 file that could not be read or understood""");
    }

    @Test
    void theVerdictHasItsFindings() {
        BuildRecord record = new TestRecord("payments-0-2-1f0c2a11").build();
        record.setVerdict(Verdict.Open);
        record.setComparedWith("payments-0-1-5f0c2a11");
        record.setFindings(
                List.of(new Finding("A:npm:axios@1.14.1:00", Severity.Critical, Stage.Inputs, null, "Other\nhashes.")));
        record.setFindingsOmitted(2);
        assertThat(RecordPage.of(record, RecordInputs.of(record, unused -> Optional.empty())))
                .containsSubsequence(
                        "verdict       Open, compared with payments-0-1-5f0c2a11",
                        "finding       Critical, A:npm:axios@1.14.1:00",
                        "              Other hashes.",
                        "finding       and 2 more");
    }

    @Test
    void aRunThatWasNotObservedSaysWhyOnce() {
        TestRecord record = new TestRecord("payments-0-1-5f0c2a11")
                .withoutInputs()
                .network(null)
                .observed(Outcome.Unobserved, "NotPermitted", "the operator may not read logs in this namespace");
        assertThat(page(record))
                .endsWith(
                        "observed      Unobserved (NotPermitted): the operator may not read logs in this namespace",
                        "image         registry.example.com/builders/maven@sha256:00, signed by key sha256:11");
    }

    @Test
    void whatTheBuildMadeAndWhatOfItIsNotKnown() {
        TestRecord record = new TestRecord("payments-0-1-5f0c2a11")
                .made(
                        "{\"artifact\":\"target/app.jar\",\"size\":12,\"sha256\":\"aa\",\"format\":\"zip\",\"entries\":2,"
                                + "\"problems\":[\"TooBig\"]}",
                        "{\"artifact\":\"dist/run\",\"size\":9,\"sha256\":\"bb\",\"format\":\"file\",\"entries\":0}",
                        "{\"artifacts\":\"Complete\",\"count\":3,\"entries\":0}",
                        "{\"report\":\"target/x.sarif\",\"tool\":\"scan\",\"version\":\"1.2\",\"results\":4}",
                        "{\"reports\":\"Complete\",\"count\":1,\"results\":0}");
        assertThat(page(record))
                .endsWith(
                        "artifact      target/app.jar, 12 bytes, zip 2 entries, sha256 aa, TooBig",
                        "artifact      dist/run, 9 bytes, sha256 bb",
                        "artifact      and 1 more",
                        "scanner       scan 1.2, 4 results, target/x.sarif",
                        "not known     the record leaves out 1 artifacts",
                        "not known     the record has the artifact target/app.jar, which was not read whole (TooBig)");
    }

    @Test
    void longListsAreCut() {
        DetailEntry[] packages = IntStream.range(0, RecordPage.MOST_LISTED + 5)
                .mapToObj(n -> TestRecord.fetched("p" + n, "1.0.0", "00", "11"))
                .toArray(DetailEntry[]::new);
        assertThat(page(new TestRecord("payments-0-1-5f0c2a11", packages)))
                .filteredOn(line -> line.startsWith("install code"))
                .hasSize(RecordPage.MOST_LISTED + 1)
                .endsWith("install code  and 5 more");
    }

    /** The record itself lists 200 of them at most. */
    @Test
    void whatTheRecordLeavesOutIsCounted() {
        TestRecord record =
                new TestRecord("payments-0-1-5f0c2a11").network(new Network(1_000, null, null, 1_000, null));
        assertThat(page(record)).contains("asked for     1000 more");
    }

    @Test
    void textsOfABuildStayOnTheirLine() {
        String hostile = "a\nb\u001b[31m" + "x".repeat(1_000);
        TestRecord record = new TestRecord(
                        "payments-0-1-5f0c2a11",
                        new DetailEntry.Package(hostile, "npm", hostile, hostile, "0", "1", List.of(hostile), 1))
                .inputs(TestRecord.inputs(Reading.Complete, null, new UnreadFile(hostile, hostile)))
                .asked(hostile, hostile);
        assertThat(page(record).stream())
                .allSatisfy(line -> assertThat(line).doesNotContain("\n", "\u001b"))
                .filteredOn(
                        line -> Stream.of("unread", "install code", "asked for").anyMatch(line::startsWith))
                .hasSize(4)
                .allSatisfy(line ->
                        assertThat(line).endsWith("...").hasSizeLessThan(14 + RecordPage.LONGEST_IN_A_LIST + 4));
    }
}
