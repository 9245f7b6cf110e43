package dev.cleanroom.operator.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every link of a page to a file of this repository leads to a file, and one with an anchor to a heading of it. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");
    private static final Pattern HEADING = Pattern.compile("#{1,6} (.*)");
    private static final Pattern LABEL = Pattern.compile("\\[([^\\]]*)\\]\\([^)]*\\)");

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
                if (!Files.exists(target)
                        || (link.group(2) != null && !anchors(target).contains(link.group(2)))) {
                    broken.add(Repository.root().relativize(page) + " -> " + link.group());
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static List<Path> pages() throws IOException {
        Path root = Repository.root();
        try (Stream<Path> docs = Files.walk(root.resolve("docs"));
                Stream<Path> others = Files.list(root)) {
            return Stream.concat(
                            Stream.concat(others, docs),
                            Stream.of("examples", "lab", "tools").map(name -> root.resolve(name + "/README.md")))
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList();
        }
    }

    /** As the anchors of headings are made of their text: lower case, spaces as hyphens, without punctuation. */
    private static List<String> anchors(Path page) throws IOException {
        return Files.readAllLines(page).stream()
                .map(HEADING::matcher)
                .filter(Matcher::matches)
                .map(heading -> LABEL.matcher(heading.group(1)).replaceAll("$1"))
                .map(text -> text.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
