package dev.cleanroom.operator.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** README.md, CONTRIBUTING.md and every page below docs are Markdown that renders as it was meant (GitHub Flavored Markdown). */
class PagesTest {
    private static final Pattern FENCE = Pattern.compile("\\s*(```|~~~).*");
    private static final Pattern FIRST_LEVEL = Pattern.compile("# .*");
    private static final Pattern DELIMITERS = Pattern.compile("\\|(\\s*:?-+:?\\s*\\|)+");

    /** A pipe parts cells within a code span too, unless a backslash stands before it (GFM, section 4.10). */
    private static final Pattern SEPARATOR = Pattern.compile("(?<!\\\\)\\|");

    /** @param number from 1 on */
    private record Line(int number, String text) {
        boolean isRow() {
            return text.startsWith("|");
        }

        int cells() {
            return SEPARATOR.split(text, -1).length - 2;
        }
    }

    @Test
    void everyPageHasOneFirstLevelHeadingInItsFirstLine() throws IOException {
        for (Path page : pages()) {
            assertThat(prose(Files.readAllLines(page)))
                    .as("first-level headings of %s", Repository.root().relativize(page))
                    .filteredOn(line -> FIRST_LEVEL.matcher(line.text()).matches())
                    .extracting(Line::number)
                    .containsExactly(1);
        }
    }

    @Test
    void everyRowBelongsToATableAndHasAsManyCellsAsItsHeader() throws IOException {
        for (Path page : pages()) {
            assertThat(faults(Files.readAllLines(page)))
                    .as("tables of %s", Repository.root().relativize(page))
                    .isEmpty();
        }
    }

    @Test
    void whatIsWrongWithATableIsFound() {
        assertThat(faults(List.of("| a | b |", "|---|:-:|", "| `x \\| y` | |", "", "```", "| any", "```")))
                .isEmpty();
        assertThat(faults(List.of("| a | b |", "|---|---|", "| 1 | 2 |", "", "| 3 | 4 |")))
                .containsExactly("line 5: no header and line of |---| begin this table");
        assertThat(faults(List.of("| a | b |", "|---|---|", "| `x | y` | 2 |", "| 1 |", "| 1 | 2")))
                .containsExactly(
                        "line 3: the cells are 3, those of the header 2",
                        "line 4: the cells are 1, those of the header 2",
                        "line 5: the cells are 1, those of the header 2");
    }

    private static List<Path> pages() throws IOException {
        Path root = Repository.root();
        try (Stream<Path> docs = Files.walk(root.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(root.resolve("README.md"), root.resolve("CONTRIBUTING.md")),
                            docs.filter(file -> file.toString().endsWith(".md")).sorted())
                    .toList();
        }
    }

    /** The lines outside blocks of code. */
    private static List<Line> prose(List<String> lines) {
        List<Line> prose = new ArrayList<>();
        boolean code = false;
        for (int i = 0; i < lines.size(); i++) {
            boolean fence = FENCE.matcher(lines.get(i)).matches();
            if (!fence && !code) {
                prose.add(new Line(i + 1, lines.get(i).strip()));
            }
            code ^= fence;
        }
        return prose;
    }

    private static List<String> faults(List<String> lines) {
        return tables(prose(lines)).stream().flatMap(PagesTest::faultsOf).toList();
    }

    /** Rows that follow each other. */
    private static List<List<Line>> tables(List<Line> prose) {
        List<List<Line>> tables = new ArrayList<>();
        int before = -1;
        for (Line row : prose.stream().filter(Line::isRow).toList()) {
            if (row.number() != before + 1) {
                tables.add(new ArrayList<>());
            }
            tables.getLast().add(row);
            before = row.number();
        }
        return tables;
    }

    private static Stream<String> faultsOf(List<Line> table) {
        Line header = table.getFirst();
        if (table.size() < 2 || !DELIMITERS.matcher(table.get(1).text()).matches()) {
            return Stream.of("line " + header.number() + ": no header and line of |---| begin this table");
        }
        return table.stream()
                .filter(row -> row.cells() != header.cells())
                .map(row -> "line " + row.number() + ": the cells are " + row.cells() + ", those of the header "
                        + header.cells());
    }
}
