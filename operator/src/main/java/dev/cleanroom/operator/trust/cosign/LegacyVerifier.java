package dev.cleanroom.operator.trust.cosign;

import dev.cleanroom.operator.trust.sigstore.Artifact;
import dev.cleanroom.operator.trust.sigstore.Credential;
import dev.cleanroom.operator.trust.sigstore.EntryBody;
import dev.cleanroom.operator.trust.sigstore.Expectation;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.HashAlgorithm;
import dev.cleanroom.operator.trust.sigstore.Json;
import dev.cleanroom.operator.trust.sigstore.LogsAndTimestamps;
import dev.cleanroom.operator.trust.sigstore.Refusal;
import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import dev.cleanroom.operator.trust.sigstore.SignedContent;
import dev.cleanroom.operator.trust.sigstore.Statement;
import dev.cleanroom.operator.trust.sigstore.Timestamps;
import dev.cleanroom.operator.trust.sigstore.TransparencyLogs;
import dev.cleanroom.operator.trust.sigstore.TrustRoot;
import dev.cleanroom.operator.trust.sigstore.VerificationResult;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * Verifies legacy signatures and attestations of cosign, offline, in the order in which {@code BundleVerifier} verifies
 * bundles. The format has no inclusion proof, only the log's promise.
 *
 * @param root empty for signatures with a key alone; then log entries and timestamps are ignored
 * @param repository the repository for which images must have been signed; empty if they may be copied between
 *     repositories
 */
public record LegacyVerifier(Optional<TrustRoot> root, Clock clock, Optional<String> repository) {

    /** Never throws. The purpose decides whether it must be an attestation or a signature. */
    public VerificationResult verify(LegacySignature signature, Artifact image, Expectation expected) {
        return Refusal.toResult(() -> accepted(signature, image, expected));
    }

    private VerificationResult.Accepted accepted(LegacySignature legacy, Artifact image, Expectation expected)
            throws Refusal {
        boolean attestation = expected.purpose() instanceof Purpose.Attestation;
        SignedContent content = content(legacy, attestation);
        // The signature and the log's entry are for the payload; the payload names the image.
        Artifact signed = attestation ? image : Artifact.ofContent(legacy.payload());
        Credential credential = Credential.of(expected.signedBy(), legacy.certificate(), List.of(), root);
        content.verify(credential.key(), signed);
        Optional<Statement> statement = Optional.empty();
        if (content instanceof SignedContent.Envelope envelope) {
            Statement stated = Statement.parse(envelope, image);
            stated.mustServe(expected.purpose());
            statement = Optional.of(stated);
        } else {
            SimpleSigning.mustBeAbout(legacy.payload(), image, repository);
        }
        LogsAndTimestamps witnessed = root.isPresent()
                ? witnessed(
                        root.get(),
                        legacy,
                        new EntryBody(content, signed, credential.verifier()),
                        attestation ? legacy.payload() : content.signature())
                : LogsAndTimestamps.NONE;
        return witnessed.accepted(expected.witnesses(), credential, statement, clock.instant());
    }

    private static SignedContent content(LegacySignature legacy, boolean attestation) throws Refusal {
        int max = attestation ? LegacySignature.MAX_ENVELOPE_BYTES : LegacySignature.MAX_PAYLOAD_BYTES;
        if (legacy.payload().length > max) {
            throw malformed("it is longer than " + max + " bytes");
        }
        return attestation
                ? SignedContent.Envelope.parse(Json.parse(legacy.payload(), "envelope", LegacyVerifier::malformed))
                : new SignedContent.Message(
                        HashAlgorithm.SHA2_256, HashAlgorithm.SHA2_256.hash(legacy.payload()), legacy.signature());
    }

    /**
     * @param stamped the bytes that a timestamp must be for: the signature, or the whole envelope, which contains its
     *     signature
     */
    private static LogsAndTimestamps witnessed(TrustRoot root, LegacySignature legacy, EntryBody body, byte[] stamped)
            throws Refusal {
        List<TransparencyLogs.Inclusion> logs = List.of();
        Optional<LegacySignature.Promised> promised = legacy.promised();
        if (promised.isPresent()) {
            var entry = promised.get();
            body.mustBe(entry.body());
            logs = List.of(new TransparencyLogs(root.logs())
                    .promised(entry.logId(), entry.body(), entry.time(), entry.index(), entry.promise()));
        }
        Optional<byte[]> timestamp = legacy.timestamp();
        return new LogsAndTimestamps(
                logs,
                timestamp.isPresent()
                        ? List.of(new Timestamps(root.timestampAuthorities()).verify(timestamp.get(), stamped))
                        : List.of());
    }

    private static Refusal malformed(String message) {
        return Refusal.rejected(RejectionCode.PayloadMalformed, "the payload is malformed: " + message);
    }
}
