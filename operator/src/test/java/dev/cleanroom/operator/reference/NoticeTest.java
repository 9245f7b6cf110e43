package dev.cleanroom.operator.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** NOTICE names what is shipped with the operator's jar. It reads what was packaged, so it runs with the lab's tests. */
@Tag("lab")
class NoticeTest {
    /** Three columns with two spaces or more before the last; the last is names of jars. */
    private static final Pattern ROW = Pattern.compile("^  \\S.*?(?:Apache-2\\.0|BSD-|CC0-|EPL-|MIT).*? {2,}(\\S.*)$");

    @Test
    void everyLibraryIsNamedAndNoneThatIsNotShipped() throws IOException {
        List<String> shipped;
        try (var files = Files.list(Repository.operatorJar().resolveSibling("lib"))) {
            shipped = files.map(file -> file.getFileName().toString())
                    .map(file -> file.replaceFirst("-\\d.*$", ""))
                    .filter(jar -> !jar.equals("cleanroom-crds"))
                    .toList();
        }
        List<String> named = Files.readAllLines(root("NOTICE")).stream()
                .map(ROW::matcher)
                .filter(row -> row.matches())
                .flatMap(row -> Arrays.stream(row.group(1).split(", ")))
                .toList();
        assertThat(shipped)
                .hasSizeGreaterThan(50)
                .allSatisfy(
                        jar -> assertThat(named).as("NOTICE, for %s", jar).anyMatch(pattern -> matches(pattern, jar)));
        assertThat(named)
                .allSatisfy(pattern -> assertThat(shipped)
                        .as("jars, for %s in NOTICE", pattern)
                        .anyMatch(jar -> matches(pattern, jar)));
    }

    @Test
    void theJarHasLicenceAndNotice() throws IOException {
        try (var jar = new JarFile(Repository.operatorJar().toFile())) {
            for (String name : List.of("LICENSE", "NOTICE")) {
                try (InputStream entry = jar.getInputStream(jar.getJarEntry("META-INF/" + name))) {
                    assertThat(entry.readAllBytes()).as(name).isEqualTo(Files.readAllBytes(root(name)));
                }
            }
        }
    }

    private static boolean matches(String pattern, String jar) {
        return pattern.endsWith("*") ? jar.startsWith(pattern.substring(0, pattern.length() - 1)) : jar.equals(pattern);
    }

    private static Path root(String name) {
        return Repository.root().resolve(name);
    }
}
