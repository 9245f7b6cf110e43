package dev.cleanroom.operator.trust.cosign;

import dev.cleanroom.operator.trust.sigstore.Artifact;
import dev.cleanroom.operator.trust.sigstore.Credential;
import dev.cleanroom.operator.trust.sigstore.EntryBody;
import dev.cleanroom.operator.trust.sigstore.Evidence;
import dev.cleanroom.operator.trust.sigstore.Expectation;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.HashAlgorithm;
import dev.cleanroom.operator.trust.sigstore.Json;
import dev.cleanroom.operator.trust.sigstore.Refusal;
import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import dev.cleanroom.operator.trust.sigstore.SignedContent;
import dev.cleanroom.operator.trust.sigstore.Statement;
import dev.cleanroom.operator.trust.sigstore.Timestamps;
import dev.cleanroom.operator.trust.sigstore.TransparencyLogs;
import dev.cleanroom.operator.trust.sigstore.TrustRoot;
import dev.cleanroom.operator.trust.sigstore.Verdict;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * Verifies legacy signatures and attestations of cosign, offline, in the order in which {@code BundleVerifier} verifies
 * bundles. The log's promise is all the proof there is: the format has no place for another.
 *
 * @param root absent: signatures by key alone, and what logs and authorities say is passed over
 * @param repository that images must have been signed for; absent, they may be copied between repositories
 */
public record LegacyVerifier(Optional<TrustRoot> root, Clock clock, Optional<String> repository) {

    /** Never throws. An attestation is wanted when the purpose is one, else a signature. */
    public Verdict verify(LegacySignature signature, Artifact image, Expectation expected) {
        return Refusal.toVerdict(() -> accepted(signature, image, expected));
    }

    private Verdict.Accepted accepted(LegacySignature legacy, Artifact image, Expectation expected) throws Refusal {
        boolean attestation = expected.purpose() instanceof Purpose.Attestation;
        SignedContent content = content(legacy, attestation);
        // The signature is over the payload, and so is the log's entry; the payload is about the image.
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
        Evidence evidence = root.isPresent()
                ? evidence(
                        root.get(),
                        legacy,
                        new EntryBody(content, signed, credential.verifier()),
                        attestation ? legacy.payload() : content.signature())
                : Evidence.NONE;
        evidence.mustHave(expected.witnesses());
        credential.mustBeValidAt(evidence.times());
        evidence.mustHold(clock.instant());
        return new Verdict.Accepted(
                credential.signer(evidence.times()), evidence.entries(), evidence.times(), statement);
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

    /** @param stamped what a timestamp is over: the signature, or the whole envelope, which has its signature inside */
    private static Evidence evidence(TrustRoot root, LegacySignature legacy, EntryBody body, byte[] stamped)
            throws Refusal {
        List<TransparencyLogs.Seen> logs = List.of();
        Optional<LegacySignature.Promised> promised = legacy.promised();
        if (promised.isPresent()) {
            var entry = promised.get();
            body.mustBe(entry.body());
            logs = List.of(new TransparencyLogs(root.logs())
                    .promised(entry.logId(), entry.body(), entry.time(), entry.index(), entry.promise()));
        }
        Optional<byte[]> timestamp = legacy.timestamp();
        return new Evidence(
                logs,
                timestamp.isPresent()
                        ? List.of(new Timestamps(root.timestampAuthorities()).see(timestamp.get(), stamped))
                        : List.of());
    }

    private static Refusal malformed(String message) {
        return Refusal.rejected(RejectionCode.PayloadMalformed, "the payload is refused: " + message);
    }
}
