package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.trust.sigstore.Artifact;
import dev.cleanroom.operator.trust.sigstore.BundleVerifier;
import dev.cleanroom.operator.trust.sigstore.Expectation;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.Expectation.Witnesses;
import dev.cleanroom.operator.trust.sigstore.ExpectedIdentity;
import dev.cleanroom.operator.trust.sigstore.ExpectedIdentity.TextMatch;
import dev.cleanroom.operator.trust.sigstore.Refusal;
import dev.cleanroom.operator.trust.sigstore.TrustRoot;
import dev.cleanroom.operator.trust.sigstore.VerificationKey;
import dev.cleanroom.operator.trust.sigstore.VerificationResult;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Verifies a bundle with everything in files.
 *
 * @param artifact a file, or {@code sha256:} and 64 lower-case hexadecimal digits
 */
record BundleFiles(Path bundle, String artifact, Optional<Path> trustedRoot, BundleFiles.Signer signer) {
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    /** A longer artifact is only hashed, so a signature that cannot be checked from its SHA-256 is refused. */
    private static final int MAX_ARTIFACT_BYTES_IN_MEMORY = 64 << 20;

    /** A key, or a subject and its issuer. */
    record Signer(Optional<Path> key, Optional<String> subject, Optional<String> issuer) {}

    /**
     * Prints the result in one line.
     *
     * @return whether it was accepted
     * @throws IllegalArgumentException when a file cannot be read, or no signer is given
     */
    boolean verify(PrintWriter out) {
        VerificationResult result;
        try {
            result = result();
        } catch (Refusal e) {
            result = e.result();
        }
        out.println(
                switch (result) {
                    case VerificationResult.Accepted accepted ->
                        "Accepted: " + accepted.signer() + " " + accepted.entries() + " " + accepted.times();
                    case VerificationResult.Refused refused -> refused.reason() + ": " + refused.message();
                });
        out.flush();
        return result instanceof VerificationResult.Accepted;
    }

    private VerificationResult result() throws Refusal {
        Optional<TrustRoot> root = trustedRoot.isPresent()
                ? Optional.of(TrustRoot.parse(InputFile.read(trustedRoot.get(), TrustRoot.MAX_BYTES)))
                : Optional.empty();
        Witnesses witnesses = root.isPresent() ? Witnesses.ONE_LOG : Witnesses.NONE;
        return new BundleVerifier(root, Clock.systemUTC())
                .verify(
                        InputFile.read(bundle, BundleVerifier.MAX_BYTES),
                        DIGEST.matcher(artifact).matches()
                                ? Artifact.ofDigest(artifact)
                                : InputFile.read(
                                        Path.of(artifact), in -> Artifact.read(in, MAX_ARTIFACT_BYTES_IN_MEMORY)),
                        new Expectation(signedBy(), new Purpose.Anything(), witnesses));
    }

    private SignedBy signedBy() throws Refusal {
        if (signer.key().isPresent()
                && signer.subject().isEmpty()
                && signer.issuer().isEmpty()) {
            byte[] pem = InputFile.read(signer.key().get(), VerificationKey.MAX_PEM_BYTES);
            return new SignedBy.Key(VerificationKey.fromPem(new String(pem, StandardCharsets.US_ASCII)));
        }
        if (signer.key().isEmpty()
                && signer.subject().isPresent()
                && signer.issuer().isPresent()) {
            return new SignedBy.Keyless(List.of(new ExpectedIdentity(
                    TextMatch.exactly(signer.issuer().get()),
                    TextMatch.exactly(signer.subject().get()))));
        }
        throw new IllegalArgumentException("give --key, or --certificate-identity and --certificate-oidc-issuer");
    }
}
