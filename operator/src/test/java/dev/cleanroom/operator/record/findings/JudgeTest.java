package dev.cleanroom.operator.record.findings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Verdict;
import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.findings.Identity.Release;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What no golden case can show: they are made of what one observer wrote, whole. */
class JudgeTest {
    private static final DetailEntry.Dependency LODASH = dependency("lodash", null);
    private static final DetailEntry.Dependency FORK =
            dependency("fork", "git+https://git.example.com/fork.git#4f1c2d");
    private static final DetailEntry.Package INSTALLS = new DetailEntry.Package(
            "node_modules/helper", "npm", "helper", "1.0.0", "aa", "bb", List.of("postinstall"), null);

    @Test
    void aRunWhoseInputsWereNotObservedIsNotJudged() {
        assertThat(Judge.judge(RunFacts.UNOBSERVED, Optional.of(good(0, LODASH))))
                .isEqualTo(new Judgement(Verdict.Unobserved, List.of()));
    }

    /** Otherwise a poisoned run could reset what was learned. */
    @Test
    void aRunThatIsNotWholeIsNeitherCleanNorLearning() {
        assertThat(Judge.judge(facts(Reading.Complete, 1, LODASH), Optional.of(good(0, LODASH)))
                        .verdict())
                .isEqualTo(Verdict.Partial);
        assertThat(Judge.judge(facts(Reading.Partial, 0, LODASH), Optional.empty())
                        .verdict())
                .isEqualTo(Verdict.Partial);
        assertThat(Judge.judge(facts(Reading.None, 0), Optional.of(good(0, LODASH)))
                        .verdict())
                .isEqualTo(Verdict.Partial);
    }

    @Test
    void whatTheKnownGoodRunLeftOutIsNotTakenForNew() {
        RunFacts run = facts(Reading.Complete, 0, LODASH, FORK);
        assertThat(only(run, good(0, LODASH)).severity()).isEqualTo(Severity.High);
        Finding unknown = only(run, good(1, LODASH));
        assertThat(unknown.severity()).isEqualTo(Severity.Medium);
        assertThat(unknown.detail()).contains("it may have been there");
    }

    @Test
    void installCodeOfWhatTheKnownGoodRunMayHaveHadIsNotThatOfANewPackage() {
        RunFacts run = new RunFacts(Reading.Complete, List.of(), List.of(LODASH), List.of(INSTALLS), List.of(), 0);
        assertThat(only(run, good(0, LODASH)).severity()).isEqualTo(Severity.Critical);
        Finding unknown = only(run, good(1, LODASH));
        assertThat(unknown.severity()).isEqualTo(Severity.High);
        assertThat(unknown.detail()).contains("it may have been there");
    }

    @Test
    void whatTwoLockfilesNameIsFoundOnce() {
        var again =
                new DetailEntry.Dependency("fork", "npm", "1.0.0", FORK.source(), null, null, "sub/package-lock.json");
        assertThat(only(facts(Reading.Complete, 0, LODASH, FORK, again), good(0, LODASH))
                        .key())
                .startsWith("NewSource:npm:fork@1.0.0:");
    }

    /** Names may have the signs that separate the parts of a key. */
    @Test
    void noTwoFindingsHaveTheSameKey() {
        assertThat(Stream.of(
                                found("a@1", "2", "x"),
                                found("a", "1@2", "x"),
                                found("a:b", "", "x"),
                                found("a", "", "b", "x"),
                                found("a", "", "bx"))
                        .map(each -> each.finding().key()))
                .doesNotHaveDuplicates()
                .allMatch(key -> key.matches("Any:npm:.*:[0-9a-f]{32}"));
    }

    private static Found found(String name, String version, String... content) {
        return new Found(
                "Any", Severity.High, new Release(new Identity("npm", name), version), List.of(content), "A sentence.");
    }

    private static Finding only(RunFacts run, KnownGood good) {
        List<Finding> findings = Judge.judge(run, Optional.of(good)).findings();
        assertThat(findings).hasSize(1);
        return findings.getFirst();
    }

    private static KnownGood good(int omitted, DetailEntry.Dependency... dependencies) {
        return new KnownGood("good", facts(Reading.Complete, omitted, dependencies));
    }

    private static RunFacts facts(Reading reading, int omitted, DetailEntry.Dependency... dependencies) {
        return new RunFacts(reading, List.of(), List.of(dependencies), List.of(), List.of(), omitted);
    }

    private static DetailEntry.Dependency dependency(String name, String source) {
        return new DetailEntry.Dependency(name, "npm", "1.0.0", source, null, null, "package-lock.json");
    }
}
