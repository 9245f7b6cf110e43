package dev.cleanroom.operator.trust.sigstore;

import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Verifies Sigstore bundles (sigstore_bundle.proto; Sigstore client specification, "Verification"), offline. In this
 * order, and the first check that fails is the verdict:
 *
 * <ol>
 *   <li>the bundle can be read;
 *   <li>its signer is of the kind that is expected, and its certificate leads to an authority of the trust root;
 *   <li>the signature holds, is about this artifact and for this purpose;
 *   <li>every log entry is about this signature, and its log proves it; every timestamp is about this signature, and an
 *       authority gave it;
 *   <li>there are as many logs and timestamp authorities as asked for;
 *   <li>at every one of these times certificate, issuers and log were valid, and none is in the future;
 *   <li>the certificate was published, and its identity is one of those expected.
 * </ol>
 *
 * @param root absent: signatures by key alone, and what logs and authorities say is passed over
 */
public record BundleVerifier(Optional<TrustRoot> root, Clock clock) {
    /** Room for an attestation with a large SBOM. */
    public static final int MAX_BYTES = 8 << 20;

    /** Never throws. */
    public Verdict verify(byte[] bundle, Artifact artifact, Expectation expected) {
        return Refusal.toVerdict(() -> accepted(bundle, artifact, expected));
    }

    private Verdict.Accepted accepted(byte[] bytes, Artifact artifact, Expectation expected) throws Refusal {
        Bundle bundle = Bundle.parse(bytes);
        Credential credential = bundle.material() instanceof Bundle.Material.Certificate(var leaf, var issuers)
                ? Credential.of(expected.signedBy(), Optional.of(leaf), issuers, root)
                : Credential.of(expected.signedBy(), Optional.empty(), List.of(), root);
        Optional<Statement> statement = content(bundle.content(), artifact, expected.purpose(), credential.key());
        Evidence evidence = root.isPresent()
                ? evidence(root.get(), bundle, new EntryBody(bundle.content(), artifact, credential.verifier()))
                : Evidence.NONE;
        evidence.mustHave(expected.witnesses());
        credential.mustBeValidAt(evidence.times());
        evidence.mustHold(clock.instant());
        return new Verdict.Accepted(
                credential.signer(evidence.times()), evidence.entries(), evidence.times(), statement);
    }

    /** The signature, then what it says: nothing is read from a payload that is not signed. */
    private static Optional<Statement> content(
            SignedContent content, Artifact artifact, Purpose purpose, VerificationKey key) throws Refusal {
        return switch (content) {
            case SignedContent.Message message -> {
                if (!(purpose instanceof Purpose.Anything)) {
                    throw Refusal.rejected(
                            RejectionCode.MessageSignatureNotAllowed,
                            "the signature is over the artifact and says not what for; sign with cosign 3, or attest");
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

    private static Evidence evidence(TrustRoot root, Bundle bundle, EntryBody body) throws Refusal {
        var logs = new ArrayList<TransparencyLogs.Seen>();
        for (LogEntry entry : bundle.entries()) {
            body.mustBe(entry.kind(), entry.version(), entry.body());
            logs.add(new TransparencyLogs(root.logs()).see(entry));
            bundle.version().mustHave(entry);
        }
        var timestamps = new ArrayList<Timestamps.Seen>();
        for (byte[] timestamp : bundle.timestamps()) {
            timestamps.add(new Timestamps(root.timestampAuthorities())
                    .see(timestamp, bundle.content().signature()));
        }
        return new Evidence(logs, timestamps);
    }
}
