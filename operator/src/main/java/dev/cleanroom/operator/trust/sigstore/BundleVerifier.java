package dev.cleanroom.operator.trust.sigstore;

import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Verifies Sigstore bundles (sigstore_bundle.proto; Sigstore client specification, "Verification"), offline. These
 * checks run in order, and the first that fails decides the result:
 *
 * <ol>
 *   <li>the bundle can be parsed;
 *   <li>its signer is of the expected kind, and its certificate chains to an authority of the trust root;
 *   <li>the signature is valid, for this artifact and for this purpose;
 *   <li>every log entry is for this signature, and its log proves it; every timestamp is for this signature, and a
 *       trusted authority signed it;
 *   <li>there are as many logs and timestamp authorities as required;
 *   <li>at each of these times the certificate, its issuers and the log were valid, and none of the times is in the
 *       future;
 *   <li>the certificate was published in a log, and its identity is one of those expected.
 * </ol>
 *
 * @param root empty for signatures with a key alone; then log entries and timestamps are ignored
 */
public record BundleVerifier(Optional<TrustRoot> root, Clock clock) {
    /** Room for an attestation with a large SBOM. */
    public static final int MAX_BYTES = 8 << 20;

    /** Never throws. */
    public VerificationResult verify(byte[] bundle, Artifact artifact, Expectation expected) {
        return Refusal.toResult(() -> accepted(bundle, artifact, expected));
    }

    private VerificationResult.Accepted accepted(byte[] bytes, Artifact artifact, Expectation expected) throws Refusal {
        Bundle bundle = Bundle.parse(bytes);
        Credential credential = bundle.material() instanceof Bundle.Material.Certificate(var leaf, var issuers)
                ? Credential.of(expected.signedBy(), Optional.of(leaf), issuers, root)
                : Credential.of(expected.signedBy(), Optional.empty(), List.of(), root);
        Optional<Statement> statement = content(bundle.content(), artifact, expected.purpose(), credential.key());
        LogsAndTimestamps witnessed = root.isPresent()
                ? witnessed(root.get(), bundle, new EntryBody(bundle.content(), artifact, credential.verifier()))
                : LogsAndTimestamps.NONE;
        return witnessed.accepted(expected.witnesses(), credential, statement, clock.instant());
    }

    /** Checks the signature before the payload: nothing is parsed from an unsigned payload. */
    private static Optional<Statement> content(
            SignedContent content, Artifact artifact, Purpose purpose, VerificationKey key) throws Refusal {
        return switch (content) {
            case SignedContent.Message message -> {
                if (!(purpose instanceof Purpose.Anything)) {
                    throw Refusal.rejected(
                            RejectionCode.MessageSignatureNotAllowed,
                            "the signature is over the artifact itself and does not state a purpose; sign with"
                                    + " cosign 3 or later, or attest");
                }
                message.mustClaim(artifact);
                message.verify(key, artifact);
                yield Optional.empty();
            }
            case SignedContent.Envelope envelope -> {
                envelope.verify(key, artifact);
                Statement statement = Statement.parse(envelope, artifact);
                statement.mustServe(purpose);
                yield Optional.of(statement);
            }
        };
    }

    private static LogsAndTimestamps witnessed(TrustRoot root, Bundle bundle, EntryBody body) throws Refusal {
        var logs = new ArrayList<TransparencyLogs.Inclusion>();
        for (LogEntry entry : bundle.entries()) {
            body.mustBe(entry.kind(), entry.version(), entry.body());
            logs.add(new TransparencyLogs(root.logs()).verify(entry));
            bundle.version().mustHave(entry);
        }
        var timestamps = new ArrayList<Timestamps.TrustedTime>();
        for (byte[] timestamp : bundle.timestamps()) {
            timestamps.add(new Timestamps(root.timestampAuthorities())
                    .verify(timestamp, bundle.content().signature()));
        }
        return new LogsAndTimestamps(logs, timestamps);
    }
}
