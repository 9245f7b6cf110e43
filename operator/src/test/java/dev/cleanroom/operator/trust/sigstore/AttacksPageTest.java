package dev.cleanroom.operator.trust.sigstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/trust-attacks.md names every test of an attack, and none that is not. */
class AttacksPageTest {
    private static final Pattern ATTACK = Pattern.compile("`([a-g][0-9]+[A-Za-z0-9]+)`");
    private static final Pattern ELSEWHERE = Pattern.compile("`([A-Z][A-Za-z]+Test)[.]([a-z][A-Za-z0-9]+)`");

    private final String page = Files.readString(Repository.root().resolve("docs/trust-attacks.md"));
    private final Map<String, String> sources = new TreeMap<>();

    AttacksPageTest() throws IOException {
        Path tests = Repository.root().resolve("operator/src/test/java/dev/cleanroom/operator/trust");
        try (Stream<Path> files = Files.walk(tests)) {
            for (Path file :
                    files.filter(it -> it.toString().endsWith("Test.java")).toList()) {
                sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
            }
        }
    }

    @Test
    void thePageAndTheTestsAgree() {
        var named = new TreeSet<String>();
        ATTACK.matcher(page).results().forEach(name -> named.add(name.group(1)));
        var shown = new TreeSet<String>();
        sources.forEach((name, source) -> {
            if (name.endsWith("AttacksTest")) {
                Pattern.compile("void ([a-g][0-9]+[A-Za-z0-9]+)[(]")
                        .matcher(source)
                        .results()
                        .forEach(method -> shown.add(method.group(1)));
            }
        });
        assertThat(named).isEqualTo(shown);
    }

    @Test
    void whatIsTestedElsewhereIsThere() {
        assertThat(ELSEWHERE.matcher(page).results())
                .hasSizeGreaterThan(20)
                .allSatisfy(name -> assertThat(sources.getOrDefault(name.group(1), ""))
                        .as(name.group())
                        .contains(" void " + name.group(2) + "("));
    }
}
