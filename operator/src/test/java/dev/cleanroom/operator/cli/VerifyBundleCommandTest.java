package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The exit codes that the conformance suite reads, and the code in the one line a person reads. */
class VerifyBundleCommandTest {
    private static final String DIGEST = "sha256:" + "0".repeat(64);

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();

    @BeforeEach
    void files() throws IOException, NoSuchAlgorithmException {
        byte[] key = KeyPairGenerator.getInstance("Ed25519")
                .generateKeyPair()
                .getPublic()
                .getEncoded();
        Files.writeString(
                file("key"),
                "-----BEGIN PUBLIC KEY-----\n" + Base64.getEncoder().encodeToString(key)
                        + "\n-----END PUBLIC KEY-----\n");
        Files.writeString(file("bundle"), "{}");
        Files.writeString(file("artifact"), "anything");
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private int run(String... arguments) {
        var ignored = new PrintWriter(new StringWriter());
        return new CommandLine(new VerifyBundleCommand())
                .setOut(new PrintWriter(out))
                .setErr(ignored)
                .execute(arguments);
    }

    @Test
    void aRefusalEndsWithOneAndItsCode() {
        String bundle = file("bundle").toString();
        assertThat(run("--bundle", bundle, "--key", file("key").toString(), DIGEST))
                .isEqualTo(1);
        assertThat(run(
                        "--bundle",
                        bundle,
                        "--key",
                        file("artifact").toString(),
                        file("artifact").toString()))
                .isEqualTo(1);
        assertThat(out.toString().lines().map(line -> line.substring(0, line.indexOf(':'))))
                .containsExactly("BundleMalformed", "KeyMalformed");
    }

    @Test
    void aWrongCallEndsWithTwo() {
        String bundle = file("bundle").toString();
        String key = file("key").toString();
        for (List<String> arguments : List.of(
                List.of("--bundle", bundle, DIGEST),
                List.of("--bundle", bundle, "--certificate-identity", "a", DIGEST),
                List.of("--bundle", bundle, "--key", key, "--certificate-identity", "a", DIGEST),
                List.of("--bundle", file("none").toString(), "--key", key, DIGEST),
                List.of("--staging", "--bundle", bundle, "--key", key, DIGEST),
                List.of("--key", key, DIGEST))) {
            assertThat(run(arguments.toArray(String[]::new)))
                    .as("%s", arguments)
                    .isEqualTo(2);
        }
        assertThat(out.toString()).isEmpty();
    }

    /** The operator starts without the verifier, in time and memory. */
    @Test
    void nothingOfTheVerifierIsLoadedAtTheStart() throws IOException, InterruptedException {
        Path log = file("classes");
        Process operator = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load:file=" + log,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "operator",
                        "--help")
                .redirectErrorStream(true)
                .redirectOutput(file("output").toFile())
                .start();
        assertThat(operator.waitFor()).isZero();
        assertThat(Files.readAllLines(log, StandardCharsets.UTF_8))
                .anyMatch(line -> line.contains(VerifyBundleCommand.class.getName()))
                .noneMatch(line -> line.contains("org.bouncycastle.")
                        || line.contains("com.google.re2j.")
                        || line.contains("dev.cleanroom.operator.trust.sigstore."));
    }
}
