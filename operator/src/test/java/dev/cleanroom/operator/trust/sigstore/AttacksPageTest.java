package dev.cleanroom.operator.trust.sigstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/trust-attacks.md names every test of an attack, and none that is not. */
class AttacksPageTest {
    @Test
    void thePageAndTheTestsAgree() throws IOException {
        String page = Files.readString(Repository.root().resolve("docs/trust-attacks.md"));
        Path tests = Repository.root().resolve("operator/src/test/java/dev/cleanroom/operator/trust/sigstore");
        var named = new TreeSet<String>();
        Pattern.compile("`([a-g][0-9]+[A-Za-z0-9]+)`")
                .matcher(page)
                .results()
                .forEach(name -> named.add(name.group(1)));
        var shown = new TreeSet<String>();
        try (DirectoryStream<Path> sources = Files.newDirectoryStream(tests, "*AttacksTest.java")) {
            for (Path source : sources) {
                Pattern.compile("void ([a-g][0-9]+[A-Za-z0-9]+)\\(")
                        .matcher(Files.readString(source))
                        .results()
                        .forEach(name -> shown.add(name.group(1)));
            }
        }
        assertThat(named).isEqualTo(shown);
    }
}
