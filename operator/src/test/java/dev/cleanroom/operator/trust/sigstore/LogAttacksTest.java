package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.Witnesses;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Attacks E to G: what logs prove, how much is read, who counts as a witness. */
class LogAttacksTest extends Attacks {
    @Test
    void e1EntryOfSomethingElse() {
        assertThat(entry(Attacks::right, "/spec/payloadHash", "value", OTHER)).isEqualTo("EntryArtifactMismatch");
        assertThat(entry(Attacks::right, "/spec/signatures/0", "signature", base64(new byte[] {1})))
                .isEqualTo("EntrySignatureMismatch");
        String otherKey =
                PrivateSigstore.pem(Pem.PUBLIC_KEY, sigstore.logKey.getPublic().getEncoded());
        assertThat(entry(
                        Attacks::right,
                        "/spec/signatures/0",
                        "verifier",
                        base64(otherKey.getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo("EntryVerifierMismatch");
        String v2 = "/spec/hashedRekordV002";
        assertThat(entry(Attacks::v2, v2 + "/data", "digest", base64(new byte[32])))
                .isEqualTo("EntryArtifactMismatch");
        assertThat(entry(Attacks::v2, v2 + "/signature", "content", base64(new byte[] {1})))
                .isEqualTo("EntrySignatureMismatch");
        assertThat(entry(Attacks::v2, v2 + "/signature/verifier/x509Certificate", "rawBytes", base64(new byte[] {1})))
                .isEqualTo("EntryVerifierMismatch");
    }

    @Test
    void e2EntryOfAnotherKind() {
        assertThat(code(signing -> signing.entry = body -> body.put("kind", "rekord")))
                .isEqualTo("EntryKindUnsupported");
        assertThat(code(signing -> signing.entry = body -> body.put("apiVersion", "0.0.9")))
                .isEqualTo("EntryKindUnsupported");
        assertThat(code(signing -> {
                    signing.message = true;
                    signing.entry = body -> body.put("kind", "dsse");
                }))
                .isEqualTo("EntryKindUnsupported");
        assertThat(code(signing -> signing.entry = body -> body.put("kind", "hashedrekord")))
                .isEqualTo("EntryMalformed");
        assertThat(tampered(
                        Attacks::right,
                        bundle -> at(bundle, ENTRY + "/kindVersion").put("kind", "hashedrekord")))
                .isEqualTo("EntryMalformed");
    }

    @Test
    void e3ProofsAndCheckpointsThatDoNotHold() {
        String proof = ENTRY + "/inclusionProof";
        assertThat(tampered(Attacks::right, bundle -> at(bundle, proof).put("treeSize", "3")))
                .isEqualTo("InclusionProofInvalid");
        assertThat(tampered(Attacks::right, bundle -> at(bundle, proof).put("logIndex", "2")))
                .isEqualTo("InclusionProofInvalid");
        assertThat(checkpoint(note -> note.replaceFirst("\n2\n", "\n3\n"))).isEqualTo("CheckpointMismatch");
        assertThat(checkpoint(note -> note.replaceFirst("^.*\n", "other.example.com\n")))
                .isEqualTo("CheckpointNotByLog");
        assertThat(checkpoint(note -> note.replaceFirst(" - 42\n", " - 43\n"))).isEqualTo("CheckpointSignatureInvalid");
        assertThat(checkpoint(note -> note.replace("\n\n", "\nmore\n\n"))).isEqualTo("CheckpointSignatureInvalid");
        assertThat(checkpoint(note -> note.replace("\n\n", "\n"))).isEqualTo("CheckpointMalformed");
        String line = "\u2014 witness.example.com " + base64(new byte[9]) + "\n";
        assertThat(checkpoint(note -> note + line.repeat(Checkpoint.MAX_SIGNATURES - 1)))
                .isEqualTo("Accepted");
        assertThat(checkpoint(note -> note + line.repeat(Checkpoint.MAX_SIGNATURES)))
                .isEqualTo("CheckpointMalformed");
        assertThat(checkpoint(note -> note + "x".repeat(Checkpoint.MAX_BYTES))).isEqualTo("CheckpointMalformed");
        assertThat(checkpoint(note -> note.substring(0, note.indexOf("\n\n") + 2)))
                .isEqualTo("CheckpointNotByLog");
    }

    @Test
    void e3LogWithAPortInItsName() {
        assertThat(root(
                        with(Attacks::right),
                        root -> at(root, "/tlogs/0").put("baseUrl", "https://" + PrivateSigstore.LOG_V1 + ":3000/")))
                .isEqualTo("Accepted");
        assertThat(root(with(Attacks::right), root -> at(root, "/tlogs/0").put("baseUrl", "https://other.example.com")))
                .isEqualTo("CheckpointNotByLog");
    }

    @Test
    void e4SecondEntryIsVerifiedToo() {
        assertThat(tampered(Attacks::right, bundle -> {
                    ArrayNode entries = (ArrayNode) bundle.at("/verificationMaterial/tlogEntries");
                    entries.add(entries.get(0).deepCopy());
                    at(bundle, "/verificationMaterial/tlogEntries/1").put("integratedTime", "1");
                }))
                .isEqualTo("PromiseInvalid");
        assertThat(tampered(Attacks::right, bundle -> {
                    ArrayNode entries = (ArrayNode) bundle.at("/verificationMaterial/tlogEntries");
                    entries.add(entries.get(0).deepCopy());
                }))
                .isEqualTo("EntryDuplicate");
    }

    @Test
    void e5PromiseOfAnUnknownLog() {
        assertThat(root(with(Attacks::right), root -> ((ArrayNode) root.path("tlogs")).remove(0)))
                .isEqualTo("LogUnknown");
    }

    @Test
    void e6IndicesThatAreNone() {
        for (String index : List.of("-1", "9223372036854775808", "1.5", "")) {
            assertThat(tampered(Attacks::right, bundle -> at(bundle, ENTRY).put("logIndex", index)))
                    .as(index)
                    .isEqualTo("BundleMalformed");
        }
        assertThat(tampered(
                        Attacks::right,
                        bundle -> at(bundle, ENTRY + "/inclusionProof")
                                .put("logIndex", String.valueOf(Long.MAX_VALUE))
                                .put("treeSize", String.valueOf(Long.MAX_VALUE))))
                .isEqualTo("InclusionProofInvalid");
    }

    @Test
    void f5EveryReadHasALimit() {
        Signing signing = with(Attacks::right);
        assertThat(new Verifying(sigstore).code(signing, new byte[BundleVerifier.MAX_BYTES + 1]))
                .isEqualTo("BundleTooLarge");
        assertThat(new Verifying(sigstore).code(signing, new byte[BundleVerifier.MAX_BYTES]))
                .isEqualTo("BundleMalformed");
        assertThat(Verifying.code(Refusal.toResult(() -> {
                    TrustRoot.parse(new byte[TrustRoot.MAX_BYTES + 1]);
                    throw new IllegalStateException("accepted");
                })))
                .isEqualTo("TrustRootTooLarge");
        assertThat(tampered(Attacks::right, bundle -> {
                    ArrayNode entries = (ArrayNode) bundle.at("/verificationMaterial/tlogEntries");
                    for (int i = 0; i < Bundle.MAX_ENTRIES; i++) {
                        entries.add(entries.get(0).deepCopy());
                    }
                }))
                .isEqualTo("BundleMalformed");
        assertThat(tampered(Attacks::right, bundle -> {
                    ArrayNode hashes = (ArrayNode) bundle.at(ENTRY + "/inclusionProof/hashes");
                    for (int i = 0; i < Bundle.MAX_PROOF_HASHES; i++) {
                        hashes.add(base64(new byte[32]));
                    }
                }))
                .isEqualTo("BundleMalformed");
        assertThat(code(body -> body.entry = entry -> entry.put("more", "x".repeat(EntryBody.MAX_BYTES))))
                .isEqualTo("EntryMalformed");
        assertThat(tampered(
                        Attacks::v2,
                        bundle -> at(bundle, "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0")
                                .put("signedTimestamp", base64(new byte[Timestamps.MAX_BYTES + 1]))))
                .isEqualTo("TimestampMalformed");
        assertThat(tampered(
                        Attacks::right,
                        bundle -> at(bundle, "/verificationMaterial/certificate")
                                .put("rawBytes", base64(new byte[Certificates.MAX_BYTES + 1]))))
                .isEqualTo("CertificateMalformed");
        assertThat(subjects("[" + "{\"digest\":{}},".repeat(Statement.MAX_SUBJECTS) + "{\"digest\":{}}]"))
                .isEqualTo("StatementMalformed");
    }

    @Test
    void g1OneWitnessIsNotTwo() {
        Signing signing = with(Attacks::v2);
        byte[] bundle = Signing.bytes(signing.bundle());
        assertThat(new Verifying(sigstore)
                        .code(
                                bundle,
                                new Expectation(
                                        Verifying.keyless(), new Purpose.ImageSignature(), new Witnesses(2, 0))))
                .isEqualTo("EntryMissing");
        ObjectNode twice = signing.bundle();
        ArrayNode timestamps =
                (ArrayNode) twice.at("/verificationMaterial/timestampVerificationData/rfc3161Timestamps");
        timestamps.add(timestamps.get(0).deepCopy());
        assertThat(new Verifying(sigstore)
                        .code(
                                Signing.bytes(twice),
                                new Expectation(
                                        Verifying.keyless(), new Purpose.ImageSignature(), new Witnesses(1, 2))))
                .isEqualTo("TimestampMissing");
    }

    @Test
    void aFailureOfOursIsNoVerdict() {
        Signing signing = with(Attacks::right);
        Clock broken = new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                throw new IllegalStateException("broken");
            }
        };
        assertThat(Verifying.code(new BundleVerifier(Optional.of(sigstore.trustRoot()), broken)
                        .verify(Signing.bytes(signing.bundle()), Signing.IMAGE, Verifying.expected(signing))))
                .isEqualTo("VerifierFailed");
    }
}
