package dev.cleanroom.operator.telemetry;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The page docs/operating.md, by section. */
final class OperatingPage {
    private OperatingPage() {}

    /** The text of each section by its anchor, as web pages make anchors of headings. */
    static Map<String, String> sections() {
        Map<String, String> sections = new LinkedHashMap<>();
        String anchor = "";
        for (String line : lines()) {
            if (line.startsWith("#")) {
                anchor = anchor(line);
            }
            sections.merge(anchor, line + "\n", String::concat);
        }
        return sections;
    }

    private static String anchor(String heading) {
        return heading.replaceFirst("^#+ ", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9 _-]", "")
                .replace(' ', '-');
    }

    private static Iterable<String> lines() {
        try {
            return Files.readAllLines(Repository.root().resolve("docs/operating.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
