package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecordInputs;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Lockfile;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.StepChange;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.UnreadFile;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Dependencies;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Ecosystem;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.facts.DetailLists;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The inputs of an observer's log. */
class InputLinesTest {
    private static final String FETCH = "{\"step\":\"fetch\",\"started\":\"2026-11-30T16:00:00Z\"}";
    private static final String BUILD = "{\"step\":\"build\",\"started\":\"2026-11-30T16:00:01Z\"}";
    private static final String LOCKFILE = """
            {"file":"package-lock.json","size":9,"sha256":"00112233445566778899","lockfile":"npm","dependencies":1}""";
    private static final String DEPENDENCY = """
            {"dependency":"lodash","ecosystem":"npm","version":"4.17.21","integrity":"sha512-AA","lockfile":"package-lock.json"}""";
    private static final String PACKAGE = """
            {"package":"node_modules/esbuild","ecosystem":"npm","name":"esbuild","version":"0.25.1","sha256":"00112233445566778899",\
            "installCode":"99887766554433221100","hooks":["postinstall"],"native":1}""";
    private static final String CHANGE = "{\"change\":\"fetch\",\"added\":12,\"changed\":1,\"removed\":2}";
    private static final String UNREAD = "{\"unread\":\"secret.key\",\"reason\":\"Unreadable\"}";
    private static final String END = """
            {"inputs":"Complete","sha256":"ab","files":12,"bytes":3456,"dependencies":1,"packages":1,"unread":1,"millis":7}""";

    @Test
    void inputsAreRead() {
        RunObservation run = read(FETCH, LOCKFILE, UNREAD, DEPENDENCY, PACKAGE, CHANGE, END, BUILD);
        assertThat(run.observation().outcome()).isEqualTo(Outcome.Complete);
        assertThat(run.network())
                .as("a package is no refused name")
                .hasValueSatisfying(network -> assertThat(network.denied()).isZero());
        RunInputs inputs = run.inputs().orElseThrow();
        assertThat(inputs.inputs())
                .isEqualTo(new BuildRecordInputs(
                        Reading.Complete,
                        null,
                        "ab",
                        12,
                        3456L,
                        7,
                        List.of(new Lockfile("package-lock.json", "npm", 1)),
                        List.of(new UnreadFile("secret.key", "Unreadable")),
                        1,
                        List.of(new StepChange("fetch", 12, 1, 2))));
        assertThat(inputs.dependencies()).isEqualTo(new Dependencies(1, 1, 1, List.of(new Ecosystem("npm", 1))));
        assertThat(inputs.lists())
                .contains(DetailLists.of(List.of(
                        new DetailEntry.File("package-lock.json", 9L, "0011223344556677", "npm", 1),
                        new DetailEntry.Package(
                                "node_modules/esbuild",
                                "npm",
                                "esbuild",
                                "0.25.1",
                                "0011223344556677",
                                "9988776655443322",
                                List.of("postinstall"),
                                1),
                        new DetailEntry.Dependency(
                                "lodash",
                                "npm",
                                "4.17.21",
                                null,
                                // The first digits of the SHA-256 of sha512-AA.
                                "e7eeb71733e98cab",
                                null,
                                "package-lock.json"))));
    }

    /** A go.mod has no hashes, and its go.sum has. */
    @Test
    void aDependencyOfTwoLockfilesCountsOnce() {
        RunInputs inputs = read(
                        FETCH,
                        DEPENDENCY,
                        DEPENDENCY.replace("\"integrity\":\"sha512-AA\",", ""),
                        DEPENDENCY.replace("4.17.21", "4.17.20"),
                        DEPENDENCY.replace("npm", "pypi"),
                        END)
                .inputs()
                .orElseThrow();
        assertThat(inputs.dependencies().count()).isEqualTo(3);
        assertThat(inputs.dependencies().ecosystems())
                .containsExactly(new Ecosystem("npm", 2), new Ecosystem("pypi", 1));
    }

    @Test
    void aReadingThatEndedAtALimitIsPartial() {
        TestLog log = TestLog.ending(
                "\"end\":\"Partial\",\"reason\":\"TooManyFiles\",\"omitted\":0",
                FETCH,
                BUILD,
                END.replace("Complete\"", "Partial\",\"reason\":\"TooManyFiles\""));
        RunObservation run = ObserverLog.read(log.bytes(), log.digest(), Optional.empty());
        assertThat(run.observation().outcome()).isEqualTo(Outcome.Partial);
        assertThat(run.observation().reason()).isEqualTo(ObservationReasons.TOO_MANY_FILES);
        assertThat(run.inputs()).hasValueSatisfying(inputs -> {
            assertThat(inputs.inputs().outcome()).isEqualTo(Reading.Partial);
            assertThat(inputs.inputs().reason()).isEqualTo("TooManyFiles");
        });
    }

    /** An outcome that this version does not know is not taken for a complete one. */
    @Test
    void anUnknownOutcomeIsPartial() {
        assertThat(read(FETCH, END.replace("Complete", "Sealed"), BUILD).inputs())
                .hasValueSatisfying(
                        inputs -> assertThat(inputs.inputs().outcome()).isEqualTo(Reading.Partial));
    }

    @Test
    void aBuildWithoutPrepareStepsHasNoInputs() {
        assertThat(read(BUILD).inputs()).contains(RunInputs.NONE);
    }

    @Test
    void whatEndedBeforeTheBuildHasUnknownInputs() {
        assertThat(read(FETCH).inputs()).isEmpty();
        assertThat(read(FETCH, LOCKFILE, DEPENDENCY, BUILD).inputs())
                .as("without the last line")
                .isEmpty();
    }

    @Test
    void listsInTheRecordAreBounded() {
        List<String> lines = new ArrayList<>(List.of(FETCH));
        IntStream.range(0, 100)
                .mapToObj(n -> Stream.of(
                        LOCKFILE.replace("package-lock", "l" + n),
                        UNREAD.replace("secret", "s" + n),
                        CHANGE.replace("fetch", "step" + n),
                        DEPENDENCY.replace("\"npm\"", "\"e" + n + "\"")))
                .forEach(each -> each.forEach(lines::add));
        lines.add(UNREAD.replace("secret", "s1"));
        lines.add(END);
        RunInputs inputs = read(lines.toArray(String[]::new)).inputs().orElseThrow();
        assertThat(inputs.inputs().lockfiles()).hasSize(InputLines.MOST_LISTED);
        assertThat(inputs.inputs().unread()).hasSize(InputLines.MOST_LISTED);
        assertThat(inputs.inputs().changes()).hasSize(64);
        assertThat(inputs.dependencies().ecosystems()).hasSize(16);
    }

    /** Paths and names are the build's choice. */
    @Test
    void textsAreBoundedAndPlain() {
        String path = "a\\u001b[31m\\n" + "x".repeat(2_000);
        RunInputs inputs = read(FETCH, LOCKFILE.replace("package-lock.json", path), END)
                .inputs()
                .orElseThrow();
        assertThat(inputs.inputs().lockfiles())
                .singleElement()
                .satisfies(lockfile ->
                        assertThat(lockfile.path()).startsWith("a [31m xxx").hasSizeLessThan(1_024));
    }

    private static RunObservation read(String... lines) {
        TestLog log = TestLog.of(lines);
        return ObserverLog.read(log.bytes(), log.digest(), Optional.empty());
    }
}
