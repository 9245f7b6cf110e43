package dev.cleanroom.operator.record;

import static dev.cleanroom.operator.record.TestRecord.AXIOS;
import static dev.cleanroom.operator.record.TestRecord.ESBUILD;
import static dev.cleanroom.operator.record.TestRecord.LODASH;
import static dev.cleanroom.operator.record.TestRecord.POM;
import static dev.cleanroom.operator.record.TestRecord.npm;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.operator.record.facts.DetailEntry;
import org.junit.jupiter.api.Test;

class RecordComparisonTest {
    private static final String FIRST = "payments-0-1-aaaaaaaa";
    private static final String SECOND = "payments-0-2-bbbbbbbb";

    private final TestRecord before = new TestRecord(FIRST, POM, AXIOS, LODASH, ESBUILD);

    private RecordComparison to(TestRecord after) {
        return RecordComparison.of(before.side(), after.side());
    }

    @Test
    void allDifferencesInTheOrderInWhichTheyAreRead() {
        before.asked("192.0.2.1", "cdn.example.com");
        TestRecord after = new TestRecord(
                        SECOND,
                        new DetailEntry.File("pom.xml", 1_300L, "aa00000000000002", null, null),
                        npm("axios", "1.14.1", null, "6600000000000001", false),
                        npm("lodash", "4.17.22", null, "77", false),
                        ESBUILD,
                        TestRecord.fetched("stray", "1.0.0", "88", null))
                .asked("192.0.2.2", "cdn.example.com", "paste.example.net");
        assertThat(String.join("\n", to(after).lines())).isEqualTo("""
                --- payments-0-1-aaaaaaaa  pod payments-0-1, exit code 0, ended 2026-11-30T16:10:00Z, revision 4f1c2d
                +++ payments-0-2-bbbbbbbb  pod payments-0-1, exit code 0, ended 2026-11-30T16:10:00Z, revision 4f1c2d

                the same version, but other content:
                ! pkg:npm/axios@1.14.1  hash 1100000000000001 -> 6600000000000001

                dependencies:
                ~ pkg:npm/lodash@4.17.22  was 4.17.21

                fetched packages that no lockfile names:
                + pkg:npm/stray@1.0.0

                build files:
                ~ pom.xml

                names and addresses that only the second run asked for:
                + paste.example.net (4 times, in build)
                + 192.0.2.2 port 443 (once, in build)

                6 differences""");
        assertThat(to(after).count()).isEqualTo(6);
    }

    @Test
    void withoutDifferencesItSaysSo() {
        RecordComparison same = to(new TestRecord(SECOND, POM, AXIOS, LODASH, ESBUILD));
        assertThat(same.lines()).endsWith("", "no difference").hasSize(4);
        assertThat(same.count()).isZero();
        assertThat(same.gaps()).isEmpty();
    }

    /** Otherwise all that the first has would seem to be gone. */
    @Test
    void aSideWithoutListsIsNotCompared() {
        RecordComparison comparison = to(new TestRecord(SECOND)
                .withoutInputs()
                .network(null)
                .observed(Outcome.Unobserved, "NoReport", "the observer left no report"));
        assertThat(comparison.inputs()).isEmpty();
        assertThat(comparison.count()).isZero();
        assertThat(comparison.gaps())
                .containsExactly("the record " + SECOND + " is Unobserved (NoReport): the observer left no report");
        assertThat(comparison.lines())
                .contains("not compared whole: " + comparison.gaps().getFirst())
                .endsWith("no difference in what could be compared");
    }

    /** Otherwise all names of the second would seem to be asked for the first time. */
    @Test
    void namesAreNotComparedWithARunThatWasNotObserved() {
        before.withoutInputs().network(null).observed(Outcome.Unobserved, "NoReport", "the observer left no report");
        assertThat(to(new TestRecord(SECOND, AXIOS).asked("192.0.2.1", "cdn.example.com"))
                        .count())
                .isZero();
    }

    @Test
    void whatIsPartialIsComparedAsFarAsItGoes() {
        before.inputs(TestRecord.inputs(Reading.Partial, "TooSlow")).observed(Outcome.Partial, "TooSlow", "too slow");
        RecordComparison comparison = to(new TestRecord(SECOND, POM, AXIOS, ESBUILD));
        assertThat(comparison.gaps())
                .containsExactly(
                        "the record " + FIRST + " has Partial inputs (TooSlow): the workspace was not read whole");
        assertThat(comparison.lines())
                .contains("- pkg:npm/lodash@4.17.21")
                .endsWith("1 difference in what could be compared");
    }

    @Test
    void namesThatARecordLeavesOutAreAGap() {
        before.network(new Network(203, null, null, 3, null))
                .observed(Outcome.Partial, "TooManyNames", "the observer left 3 names out");
        assertThat(to(new TestRecord(SECOND, POM, AXIOS, LODASH, ESBUILD)).gaps())
                .containsExactly(
                        "the record " + FIRST + " is Partial (TooManyNames): the observer left 3 names out",
                        "the record " + FIRST + " leaves out 3 names and addresses");
    }
}
