package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Stage;
import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.record.NamedCase.Found;
import dev.cleanroom.operator.record.NamedCase.When;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each of {@code findings/cases/cases.json} is found as that list says: what it says is found today is found by exactly these
 * keys, and what it says is not found has no finding at all, so that a new indicator makes the list out of date and this test
 * fails. {@code docs/detected-cases.md} is written from the list with {@code -Dcleanroom.generate=true}.
 */
class NamedCasesTest {
    private static final Path PAGE = Repository.root().resolve("docs/detected-cases.md");
    private static final long MOST_BYTES = 600_000;
    private static final int MOST_LINES = 60;

    /** Names that belong to no one (RFC 2606), and addresses that do not (RFC 5737). */
    private static final Pattern NO_ONES_NAME = Pattern.compile("([a-z0-9-]+\\.)*example\\.com");

    private static final Pattern NO_ONES_ADDRESS =
            Pattern.compile("(192\\.0\\.2|198\\.51\\.100|203\\.0\\.113)\\.[0-9]+");
    private static final Pattern HOST_OF_URL = Pattern.compile("://([^/\"\\s]+)");

    @TestFactory
    Stream<DynamicTest> everyCaseIsFoundAsTheListSays() throws IOException {
        return tests(NamedCase.all(), each -> {
            List<Finding> findings = each.judged("run.jsonl").findings();
            if (each.found() == Found.Today) {
                assertThat(serious(findings))
                        .extracting(NamedCasesTest::keyWithoutDigest)
                        .containsExactlyInAnyOrderElementsOf(each.keys());
                assertThat(findings.getFirst().severity()).isEqualTo(each.severity());
                assertThat(findings).extracting(Finding::stage).containsOnly(each.stage());
            } else {
                assertThat(findings)
                        .as("the list says that it is not found yet: correct the list")
                        .isEmpty();
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> anOrdinaryUpdateOfTheSameProjectIsNotSerious() throws IOException {
        List<NamedCase> updates =
                NamedCase.all().stream().filter(each -> each.update() != null).toList();
        assertThat(updates).hasSizeGreaterThanOrEqualTo(10);
        return tests(
                updates,
                each -> assertThat(serious(each.judged("benign.jsonl").findings()))
                        .isEmpty());
    }

    /** A case that is not found yet is no promise: what its indicator needs is in the record, or the list says what is missing. */
    @TestFactory
    Stream<DynamicTest> whatThePlannedIndicatorNeedsIsInTheRecord() throws IOException {
        List<NamedCase> planned = NamedCase.all().stream()
                .filter(each -> each.found() == Found.Planned)
                .toList();
        return tests(planned, each -> {
            BuildRecordObserved observed = each.record("run.jsonl").getObserved();
            switch (each.indicator()) {
                case 4 -> assertThat(observed.network().denied()).isPositive();
                case 8 -> assertThat(observed.outputs().changedInputs()).isNotEmpty();
                case 9 -> assertThat(each.newFiles()).anyMatch(file -> file.startsWith(".github/workflows/"));
                case 10 -> assertThat(each.newFiles()).anyMatch(file -> file.endsWith(".m4"));
                default -> assertThat(each.reason()).startsWith("The observer reports");
            }
        });
    }

    @Test
    void theListIsConsistent() throws IOException {
        assertThat(NamedCase.all()).hasSize(30).doesNotHaveDuplicates().allSatisfy(each -> {
            assertThat(each.sources()).isNotEmpty();
            assertThat(each.reason()).as(each.id()).isNotBlank();
            assertThat(each.when() == When.NotAtAll).isEqualTo(each.found() == Found.Missed);
            assertThat(each.when() == When.BeforeBuild || each.when() == When.BeforeHostileCode)
                    .as(each.id())
                    .isEqualTo(each.stage() == Stage.Inputs);
            assertThat(each.keys() != null).isEqualTo(each.found() == Found.Today);
        });
    }

    @Test
    void everyFolderIsThatOfACase() throws IOException {
        List<NamedCase> all = NamedCase.all();
        assertThat(names(NamedCase.FOLDER).filter(name -> !name.equals("cases.json")))
                .containsExactlyInAnyOrderElementsOf(
                        all.stream().map(NamedCase::id).toList());
        long bytes = Files.size(NamedCase.FOLDER.resolve("cases.json"));
        for (NamedCase each : all) {
            assertThat(names(NamedCase.FOLDER.resolve(each.id()))).containsExactlyInAnyOrderElementsOf(each.files());
            for (String file : each.files()) {
                bytes += Files.size(each.file(file));
                assertThat(each.lines(file)).as(each.id()).hasSizeLessThan(MOST_LINES);
            }
        }
        assertThat(bytes).isLessThan(MOST_BYTES);
    }

    @TestFactory
    Stream<DynamicTest> noRealHostIsNamed() throws IOException {
        return tests(NamedCase.all(), each -> {
            for (String file : each.files()) {
                for (JsonNode line : each.lines(file)) {
                    boolean asked = !line.has("package") && line.has("name");
                    assertThat(asked ? line.path("name").asText() : "example.com")
                            .matches(NO_ONES_NAME);
                    assertThat(line.path("address").asText("192.0.2.1")).matches(NO_ONES_ADDRESS);
                    HOST_OF_URL
                            .matcher(line.toString())
                            .results()
                            .forEach(url -> assertThat(url.group(1)).matches(NO_ONES_NAME));
                }
            }
        });
    }

    @Test
    void thePageHasTheList() throws IOException {
        String before = Files.readString(PAGE);
        String after = CasesPage.with(before, NamedCase.all());
        if (Boolean.getBoolean("cleanroom.generate")) {
            Files.writeString(PAGE, after);
        }
        assertThat(PAGE).content().isEqualTo(after);
    }

    private interface Check {
        void check(NamedCase each) throws IOException;
    }

    private static Stream<DynamicTest> tests(List<NamedCase> cases, Check check) {
        return cases.stream().map(each -> DynamicTest.dynamicTest(each.id(), () -> check.check(each)));
    }

    private static List<Finding> serious(List<Finding> findings) {
        return findings.stream()
                .filter(each -> each.severity().compareTo(Severity.High) >= 0)
                .toList();
    }

    private static String keyWithoutDigest(Finding finding) {
        return finding.key().substring(0, finding.key().lastIndexOf(':'));
    }

    private static Stream<String> names(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.map(each -> each.getFileName().toString()).toList().stream();
        }
    }
}
