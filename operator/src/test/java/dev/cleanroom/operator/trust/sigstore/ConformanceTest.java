package dev.cleanroom.operator.trust.sigstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.Expectation.Witnesses;
import dev.cleanroom.operator.trust.sigstore.ExpectedIdentity.TextMatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The cases of the public sigstore-conformance suite that lie beside the repository, read where they are. One that must
 * fail must fail with the code of what its README says is wrong with it.
 */
class ConformanceTest {
    private static final Path SUITE = Repository.root().resolve("../shared/conformance");

    private static final String BEACON =
            "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
                    + "extremely-dangerous-oidc-beacon.yml@refs/heads/main";
    private static final String ISSUER = "https://token.actions.githubusercontent.com";

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-24T00:00:00Z"), ZoneOffset.UTC);

    private static final Map<String, String> CODES = Map.ofEntries(
            Map.entry("bundle-from-wrong-instance_fail", "CertificateUntrusted"),
            Map.entry("bundle-malformed-json_fail", "BundleMalformed"),
            Map.entry("bundle-negative-log-index_fail", "BundleMalformed"),
            Map.entry("bundle-unknown-version_fail", "BundleVersionUnknown"),
            Map.entry("bundle-with-root-cert_fail", "CertificateChainHasRoot"),
            Map.entry("checkpoint-bad-keyhint_fail", "CheckpointNotByLog"),
            Map.entry("dsse-invalid-sig_fail", "SignatureInvalid"),
            Map.entry("inclusion-proof-corrupted-hash_fail", "InclusionProofInvalid"),
            Map.entry("incorrect-public-key_fail", "EntryVerifierMismatch"),
            Map.entry("integrated-time-in-future_fail", "TimeOutsideCertificate"),
            Map.entry("intoto-log-entry-mismatch_fail", "EntrySignatureMismatch"),
            Map.entry("intoto-missing-inclusion-proof_fail", "InclusionProofMissing"),
            Map.entry("intoto-set-outside-signing-cert-validity_fail", "TimeOutsideCertificate"),
            Map.entry("intoto-tsa-timestamp-outside-cert-validity_fail", "TimeOutsideCertificate"),
            Map.entry("invalid-checkpoint-signature_fail", "CheckpointSignatureInvalid"),
            Map.entry("invalid-ct-key_fail", "SctLogUnknown"),
            Map.entry("invalid-inclusion-proof_fail", "InclusionProofInvalid"),
            Map.entry("managed-key-no-key_fail", "CertificateMissing"),
            Map.entry("managed-key-wrong-key_fail", "SignatureInvalid"),
            Map.entry("message-digest-mismatch_fail", "MessageDigestMismatch"),
            Map.entry("rekor2-checkpoint-missing-log-signature_fail", "CheckpointNotByLog"),
            Map.entry("rekor2-checkpoint-no-matching-signature_fail", "CheckpointNotByLog"),
            Map.entry("rekor2-dsse-mismatch-envelope_fail", "EntryArtifactMismatch"),
            Map.entry("rekor2-dsse-mismatch-sig_fail", "EntrySignatureMismatch"),
            Map.entry("rekor2-no-inclusion-proof_fail", "InclusionProofMissing"),
            Map.entry("rekor2-no-timestamp_fail", "NoTrustedTime"),
            Map.entry("rekor2-timestamp-outside-tsa-cert-validity_fail", "TimestampAuthorityNotValid"),
            Map.entry("rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail", "TimestampUntrusted"),
            Map.entry("rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail", "TimestampUntrusted"),
            Map.entry("rekor2-timestamp-with-incorrect-time_fail", "TimeOutsideCertificate"),
            Map.entry("set-invalid-signature_fail", "PromiseInvalid"),
            Map.entry("trust-root-tlog-missing-validity-start_fail", "TrustRootMalformed"),
            Map.entry("wrong-hashedrekord-artifact_fail", "EntryArtifactMismatch"),
            Map.entry("wrong-hashedrekord-cert-and-sig_fail", "EntrySignatureMismatch"),
            Map.entry("wrong-material_fail", "MessageDigestMismatch"));

    @Test
    void everyCaseIsDecidedAsItsNameSaysAndForItsReason() throws IOException {
        boolean there = Files.isDirectory(SUITE);
        if (!there) {
            System.out.println("SKIPPED ConformanceTest: no conformance suite beside the repository");
        }
        assumeTrue(there, "no conformance suite beside the repository");
        var found = new TreeMap<String, String>();
        var wanted = new TreeMap<String, String>();
        try (Stream<Path> cases = Files.list(SUITE.resolve("bundle-verify")).filter(Files::isDirectory)) {
            for (Path directory : cases.toList()) {
                String name = directory.getFileName().toString();
                VerificationResult result = Refusal.toResult(() -> verify(directory));
                found.put(name, result instanceof VerificationResult.Refused refused ? refused.reason() : "Accepted");
                wanted.put(
                        name, name.endsWith("_fail") ? CODES.getOrDefault(name, "a code of this table") : "Accepted");
            }
        }
        assertThat(found).isEqualTo(wanted).hasSizeGreaterThan(CODES.size());
    }

    private static VerificationResult verify(Path directory) throws Refusal {
        try {
            Path root = directory.resolve("trusted_root.json");
            Path key = directory.resolve("key.pub");
            Path artifact = directory.resolve("artifact");
            byte[] trustRoot =
                    Files.readAllBytes(Files.exists(root) ? root : SUITE.resolve("public-good-trusted-root.json"));
            SignedBy signedBy = Files.exists(key)
                    ? new SignedBy.Key(VerificationKey.fromPem(Files.readString(key)))
                    : new SignedBy.Keyless(List.of(new ExpectedIdentity(
                            TextMatch.exactly(text(directory.resolve("issuer"), ISSUER)),
                            TextMatch.exactly(text(directory.resolve("identity"), BEACON)))));
            return new BundleVerifier(Optional.of(TrustRoot.parse(trustRoot)), CLOCK)
                    .verify(
                            Files.readAllBytes(directory.resolve("bundle.sigstore.json")),
                            Artifact.ofContent(Files.readAllBytes(
                                    Files.exists(artifact) ? artifact : SUITE.resolve("bundle-verify/a.txt"))),
                            new Expectation(signedBy, new Purpose.Anything(), Witnesses.ONE_LOG));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file, String otherwise) throws IOException {
        return Files.exists(file) ? Files.readString(file).strip() : otherwise;
    }
}
