package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Verdict;
import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.record.Corpus.Pair;
import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.findings.Judge;
import dev.cleanroom.operator.record.findings.Judgement;
import dev.cleanroom.operator.record.findings.KnownGood;
import dev.cleanroom.operator.record.findings.RunFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the judge says of updates of real packages: each finding is a false alarm. With {@code -Dcleanroom.generate=true} it
 * writes the table of docs/false-alarms.md.
 */
class FalseAlarmsTest {
    /** With that many pairs and no alarm, the rate is below 1 in 100, at 95 %. */
    private static final int FEWEST_PAIRS = 300;

    /** At most one pair of so many may have a finding of severity High. */
    private static final int PAIRS_FOR_ONE_HIGH = 100;

    /** Judged once for all tests: there are many. */
    private static final Map<String, Result> JUDGED = new HashMap<>();

    private static final Path PAGE = Repository.root().resolve("docs/false-alarms.md");
    private static final String TABLE =
            "<!-- The table is written by FalseAlarmsTest with -Dcleanroom.generate=true. -->\n";
    private static final String END = "<!-- The end of the table. -->\n";

    /** @param alarms the findings of each pair that has some, by its name */
    private record Result(int pairs, Map<String, List<Finding>> alarms) {
        List<String> named(Severity severity) {
            return alarms.entrySet().stream()
                    .filter(pair -> pair.getValue().stream().anyMatch(each -> each.severity() == severity))
                    .map(pair -> pair.getKey() + ": "
                            + pair.getValue().stream().map(Finding::detail).toList())
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"npm", "pypi", "maven", "golang"})
    void updatesOfRealPackagesRaiseNoAlarm(String ecosystem) throws IOException {
        Result result = judged(ecosystem);
        assertThat(result.pairs()).isGreaterThanOrEqualTo(FEWEST_PAIRS);
        assertThat(result.named(Severity.Critical)).as("Critical").isEmpty();
        assertThat(result.named(Severity.High))
                .as("High")
                .hasSizeLessThanOrEqualTo(result.pairs() / PAIRS_FOR_ONE_HIGH);
    }

    /** An update in which one package has another content than before is found, so the pairs are compared. */
    @ParameterizedTest
    @CsvSource({"npm, Critical", "pypi, Medium", "golang, Critical"})
    void aHashThatChangesIsFoundInThem(String ecosystem, Severity severity) throws IOException {
        for (Pair pair : Corpus.pairs(ecosystem)) {
            RunFacts before = pair.before();
            Optional<DetailEntry.Dependency> hashed = before.dependencies().stream()
                    .filter(each -> each.integrity() != null)
                    .findFirst();
            if (hashed.isPresent()) {
                List<DetailEntry.Dependency> dependencies = new ArrayList<>(before.dependencies());
                dependencies.replaceAll(each -> each.equals(hashed.get()) ? withOtherHash(each) : each);
                var changed = new RunFacts(
                        before.reading(), before.files(), dependencies, before.packages(), before.unread(), 0);
                assertThat(judge(before, changed).findings())
                        .as(pair.name())
                        .extracting(Finding::severity)
                        .containsExactly(severity);
                return;
            }
        }
        throw new AssertionError("no dependency has a hash");
    }

    private static DetailEntry.Dependency withOtherHash(DetailEntry.Dependency each) {
        return new DetailEntry.Dependency(
                each.dependency(),
                each.ecosystem(),
                each.version(),
                each.source(),
                "0000000000000000",
                each.installCode(),
                each.lockfile());
    }

    @Test
    void thePageHasTheFigures() throws IOException {
        var rows = new StringBuilder();
        for (String ecosystem : List.of("npm", "pypi", "maven", "golang")) {
            rows.append(row(ecosystem, judged(ecosystem)));
        }
        String table = TABLE + """
                | ecosystem | pairs | pairs with a Critical finding | with a High one | findings, by indicator and severity |
                |---|---|---|---|---|
                """ + rows + END;
        String page = Files.readString(PAGE);
        String wanted =
                page.substring(0, page.indexOf(TABLE)) + table + page.substring(page.indexOf(END) + END.length());
        if (Boolean.getBoolean("cleanroom.generate")) {
            Files.writeString(PAGE, wanted);
        }
        assertThat(Files.readString(PAGE))
                .as("the figures changed: run this test with -Dcleanroom.generate=true")
                .isEqualTo(wanted);
    }

    private static String row(String ecosystem, Result result) {
        Map<String, Integer> findings = new TreeMap<>();
        for (List<Finding> each : result.alarms().values()) {
            each.forEach(finding -> findings.merge(
                    finding.key().substring(0, finding.key().indexOf(':')) + " " + finding.severity(),
                    1,
                    Integer::sum));
        }
        return "| %s | %d | %d | %d | %s |%n"
                .formatted(
                        ecosystem,
                        result.pairs(),
                        result.named(Severity.Critical).size(),
                        result.named(Severity.High).size(),
                        findings.isEmpty()
                                ? "none"
                                : String.join(
                                        ", ",
                                        findings.entrySet().stream()
                                                .map(each -> each.getKey() + ": " + each.getValue())
                                                .toList()));
    }

    private static Result judged(String ecosystem) throws IOException {
        Result known = JUDGED.get(ecosystem);
        if (known == null) {
            known = judge(ecosystem);
            JUDGED.put(ecosystem, known);
        }
        return known;
    }

    private static Result judge(String ecosystem) throws IOException {
        List<Pair> pairs = Corpus.pairs(ecosystem);
        Map<String, List<Finding>> alarms = new TreeMap<>();
        for (Pair pair : pairs) {
            assertThat(pair.after().omitted()).as(pair.name()).isZero();
            Judgement judgement = judge(pair.before(), pair.after());
            assertThat(judgement.verdict()).as(pair.name()).isIn(Verdict.Clean, Verdict.Open);
            if (!judgement.findings().isEmpty()) {
                alarms.put(pair.name(), judgement.findings());
            }
        }
        return new Result(pairs.size(), alarms);
    }

    private static Judgement judge(RunFacts before, RunFacts after) {
        return Judge.judge(after, Optional.of(new KnownGood("before", before)));
    }
}
