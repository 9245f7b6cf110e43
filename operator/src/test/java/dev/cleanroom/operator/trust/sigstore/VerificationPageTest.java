package dev.cleanroom.operator.trust.sigstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.trust.policy.PolicyCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever reads a code in a condition finds it in docs/verification.md, with what to do; and finds no other there. */
class VerificationPageTest {
    @Test
    void everyCodeHasACauseAndARemedy() throws IOException {
        List<String> rows = Files.readAllLines(Repository.root().resolve("docs/verification.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();
        assertThat(rows).allMatch(row -> row.split("\\|", -1).length == 5, "code, cause and remedy");
        assertThat(rows.stream().map(row -> row.substring(3, row.indexOf('`', 3))))
                .containsExactlyInAnyOrderElementsOf(codes().toList());
    }

    private static Stream<String> codes() {
        return Stream.concat(
                Stream.of(RejectionCode.values(), UnresolvedCode.values(), PolicyCode.values())
                        .flatMap(Stream::of)
                        .map(Enum::name),
                Stream.of("CredentialsUnreadable", "ApiUnavailable"));
    }

    /** A code that no test asks for may be given for the wrong reason, or never. */
    @Test
    void everyCodeIsAskedForByATest() throws IOException {
        var sources = new StringBuilder();
        try (Stream<Path> files =
                Files.walk(Repository.root().resolve("operator/src/test/java/dev/cleanroom/operator/trust"))) {
            for (Path file : files.filter(
                            it -> it.toString().endsWith(".java") && !it.endsWith("VerificationPageTest.java"))
                    .toList()) {
                sources.append(Files.readString(file));
            }
        }
        assertThat(codes())
                .allMatch(
                        code -> sources.indexOf("\"" + code + "\"") >= 0 || sources.indexOf("\"" + code + "?\"") >= 0);
    }
}
