package dev.cleanroom.operator.english;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.english.Passages.Passage;
import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** No file of {@link #CHECKED} contains a phrase that {@code plain-english/banned.txt} lists. */
class PlainEnglishTest {
    /** A phrase, and what to write instead. */
    private record Phrase(Pattern pattern, String better) {}

    /** Files, as a glob from the repository's root, and how to find the passages in them. */
    private record Scope(String files, Function<String, List<Passage>> passages) {
        @Override
        public String toString() {
            return files;
        }
    }

    /** A folder of tests, which are checked; in other folders, only what is not a test is. */
    private static final String E2E = "lab/e2e/";

    /** What is checked. */
    static final List<Scope> CHECKED = List.of(
            new Scope("README.md", Passages::markdown),
            new Scope("CONTRIBUTING.md", Passages::markdown),
            new Scope("SECURITY.md", Passages::markdown),
            new Scope("CHANGELOG.md", Passages::markdown),
            new Scope("NOTICE", Passages::markdown),
            new Scope("docs/**.md", Passages::markdown),
            new Scope("examples/README.md", Passages::markdown),
            new Scope("tools/README.md", Passages::markdown),
            new Scope("lab/README.md", Passages::markdown),
            new Scope("crds/src/test/resources/reference/*.md", Passages::markdown),
            new Scope("helm/cleanroom/values.yaml", Passages::yaml),
            new Scope("helm/cleanroom/templates/**", Passages::yaml),
            new Scope("examples/**.yaml", Passages::yaml),
            new Scope("crds/generated/*.yaml", Passages::yaml),
            new Scope("crds/src/main/**.java", Passages::source),
            new Scope("operator/src/main/**.java", Passages::source),
            new Scope("tools/**.go", Passages::source),
            new Scope("lab/*.go", Passages::source),
            new Scope("lab/cosign*/*.go", Passages::source),
            new Scope("lab/internal/**.go", Passages::source),
            new Scope("lab/node/**.go", Passages::source),
            new Scope(E2E + "**.go", Passages::source));

    private static final Pattern LINE = Pattern.compile("(?<phrase>.+?)  # (?<better>.+)");

    private final List<Phrase> banned = banned();

    @ParameterizedTest
    @FieldSource("CHECKED")
    void nothingThatPeopleReadHasABannedPhrase(Scope scope) {
        assertThat(findings(scope)).isEmpty();
    }

    /** A scope that matches no file, for example after a folder was renamed, would check nothing. */
    @Test
    void everyScopeHasFiles() {
        assertThat(CHECKED).allSatisfy(scope -> assertThat(files(scope)).isNotEmpty());
    }

    @Test
    void aPhraseIsFoundInCommentsLiteralsAndProse() {
        assertThat(Passages.source("/** Of the pod. */ int a; // is told\nString s = \"the gate \" + \"tells\";"))
                .map(this::found)
                .containsExactly(1L, 1L, 1L);
        assertThat(Passages.source("/**\n * It is\n * told.\n */\n// Whoever may\n// not\nint told;"))
                .map(this::found)
                .containsExactly(1L, 1L);
        assertThat(Passages.markdown("It is\ntold.\n\n| who may delete it | `told` |\n\n```\ntold\n```\n"))
                .map(this::found)
                .containsExactly(1L, 1L);
        assertThat(Passages.yaml("# Is\n# told.\nmessage: a mistyped one is told and not ignored\n"))
                .map(this::found)
                .containsExactly(1L, 1L);
    }

    private long found(Passage passage) {
        return banned.stream()
                .filter(phrase -> phrase.pattern().matcher(passage.text()).find())
                .count();
    }

    private List<String> findings(Scope scope) {
        return files(scope)
                .flatMap(file -> scope.passages().apply(read(file)).stream()
                        .flatMap(passage -> banned.stream()
                                .flatMap(phrase -> phrase.pattern()
                                        .matcher(passage.text())
                                        .results()
                                        .map(found -> Repository.root().relativize(file) + ":" + passage.line() + ": '"
                                                + found.group().strip() + "': write " + phrase.better()))))
                .toList();
    }

    private static Stream<Path> files(Scope scope) {
        Path root = Repository.root();
        var matcher = FileSystems.getDefault().getPathMatcher("glob:" + scope.files());
        Path below = root.resolve(scope.files().replaceFirst("/?[^/]*[*].*", ""));
        try (Stream<Path> found = Files.walk(below)) {
            return found
                    .filter(file -> Files.isRegularFile(file) && matcher.matches(root.relativize(file)))
                    .filter(file -> scope.files().startsWith(E2E)
                            || !root.relativize(file).toString().endsWith("_test.go"))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Phrase> banned() {
        return read(Repository.root().resolve("operator/src/test/resources/plain-english/banned.txt"))
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> {
                    var parts = LINE.matcher(line);
                    assertThat(parts.matches()).as(line).isTrue();
                    return new Phrase(
                            Pattern.compile(parts.group("phrase"), Pattern.CASE_INSENSITIVE), parts.group("better"));
                })
                .toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
