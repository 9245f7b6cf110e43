package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The exit codes that the conformance suite reads, and the code in the one line a person reads. */
class VerifyBundleCommandTest {
    private static final String DIGEST = "sha256:" + "0".repeat(64);

    /** As much of a file as is kept in memory. */
    private static final int PREFIX = 64 << 20;

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

    /** Sparse, so that it costs neither room nor much time: 64 MiB of zeros and what is told apart. */
    private Path large(int ending) throws IOException {
        Path large = file("large-" + ending);
        try (SeekableByteChannel channel =
                Files.newByteChannel(large, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.position(PREFIX);
            channel.write(ByteBuffer.wrap(new byte[] {1, (byte) ending}));
        }
        return large;
    }

    private int verifies(KeyPair signer, String algorithm, byte[] signed, Path artifact)
            throws IOException, GeneralSecurityException {
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(signer.getPrivate());
        signature.update(signed);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(signed);
        Base64.Encoder base64 = Base64.getEncoder();
        Files.writeString(
                file("key"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + base64.encodeToString(signer.getPublic().getEncoded()) + "\n-----END PUBLIC KEY-----\n");
        Files.writeString(
                file("bundle"), """
                {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                 "verificationMaterial": {"publicKey": {"hint": ""}},
                 "messageSignature": {"messageDigest": {"algorithm": "SHA2_256", "digest": "%s"}, "signature": "%s"}}
                """.formatted(base64.encodeToString(digest), base64.encodeToString(signature.sign())));
        return run("--bundle", file("bundle").toString(), "--key", file("key").toString(), artifact.toString());
    }

    @Test
    void aLargeFileIsVerifiedToItsEnd() throws IOException, GeneralSecurityException {
        KeyPair signer = KeyPairGenerator.getInstance("EC").generateKeyPair();
        byte[] whole = Files.readAllBytes(large(2));
        assertThat(verifies(signer, "SHA256withECDSA", whole, file("large-2"))).isZero();
        assertThat(verifies(signer, "SHA256withECDSA", whole, large(3))).isEqualTo(1);
        assertThat(verifies(signer, "SHA256withECDSA", Arrays.copyOf(whole, PREFIX + 1), file("large-2")))
                .isEqualTo(1);
        assertThat(out.toString().lines().map(line -> line.substring(0, line.indexOf(':'))))
                .containsExactly("Accepted", "MessageDigestMismatch", "MessageDigestMismatch");
    }

    @Test
    void aSignatureThatNeedsAllBytesOfALargeFileIsRefusedAndSaysSo() throws IOException, GeneralSecurityException {
        KeyPair signer = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] whole = Files.readAllBytes(large(2));
        assertThat(verifies(signer, "Ed25519", whole, file("large-2"))).isEqualTo(1);
        byte[] small = Files.readAllBytes(file("artifact"));
        assertThat(verifies(signer, "Ed25519", small, file("artifact"))).isZero();
        assertThat(out.toString().lines().toList())
                .satisfiesExactly(
                        refused -> assertThat(refused)
                                .isEqualTo(
                                        "AlgorithmUnsupported: a signature by EdDSA over the artifact itself cannot be"
                                                + " checked from its digest"),
                        accepted -> assertThat(accepted).startsWith("Accepted: "));
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
