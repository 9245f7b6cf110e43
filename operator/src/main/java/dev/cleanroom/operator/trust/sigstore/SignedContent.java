package dev.cleanroom.operator.trust.sigstore;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;

/** The signed content, with its only signature. */
public sealed interface SignedContent {
    byte[] signature();

    /**
     * The artifact itself.
     *
     * @param claimed the digest in the bundle: a hint that must match the artifact
     */
    record Message(HashAlgorithm algorithm, byte[] claimed, byte[] signature) implements SignedContent {

        void mustClaim(Artifact artifact) throws Refusal {
            byte[] ours = artifact.hash(algorithm)
                    .orElseThrow(() -> Refusal.rejected(
                            RejectionCode.AlgorithmUnsupported,
                            "the signature contains the " + algorithm
                                    + " of the artifact, but only its SHA-256 is known"));
            if (!MessageDigest.isEqual(ours, claimed)) {
                throw Refusal.rejected(
                        RejectionCode.MessageDigestMismatch, "the signature was made for another artifact");
            }
        }
    }

    /** A DSSE envelope (secure-systems-lab/dsse, envelope.md). */
    record Envelope(String payloadType, byte[] payload, byte[] signature) implements SignedContent {

        /** What is signed: the pre-authentication encoding (DSSE protocol.md, "PAE"); lengths count bytes. */
        public byte[] encoded() {
            byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
            byte[] head = ("DSSEv1 " + type.length + " " + payloadType + " " + payload.length + " ")
                    .getBytes(StandardCharsets.UTF_8);
            byte[] whole = new byte[head.length + payload.length];
            System.arraycopy(head, 0, whole, 0, head.length);
            System.arraycopy(payload, 0, whole, head.length, payload.length);
            return whole;
        }

        public static Envelope parse(Json envelope) throws Refusal {
            List<Json> signatures = envelope.objects("signatures", Json.MAX_ELEMENTS);
            if (signatures.size() != 1) {
                throw Refusal.rejected(
                        RejectionCode.SignatureCountWrong,
                        "the envelope has " + signatures.size() + " signatures and must have one");
            }
            return new Envelope(
                    envelope.text("payloadType"),
                    envelope.bytes("payload"),
                    signatures.getFirst().bytes("sig"));
        }
    }

    static SignedContent parse(Json bundle) throws Refusal {
        Optional<Json> message = bundle.optionalObject("messageSignature");
        Optional<Json> envelope = bundle.optionalObject("dsseEnvelope");
        if (message.isPresent() == envelope.isPresent()) {
            throw Refusal.rejected(
                    RejectionCode.BundleMalformed,
                    "the bundle is malformed: it must have one of messageSignature and dsseEnvelope");
        }
        return message.isPresent() ? message(message.get()) : Envelope.parse(envelope.orElseThrow());
    }

    private static Message message(Json message) throws Refusal {
        Json digest = message.object("messageDigest");
        String algorithm = digest.text("algorithm");
        return new Message(
                HashAlgorithm.named(algorithm)
                        .orElseThrow(() -> Refusal.rejected(
                                RejectionCode.AlgorithmUnsupported,
                                "the hash algorithm " + Refusal.quote(algorithm)
                                        + " of the message digest is not supported")),
                digest.bytes("digest"),
                message.bytes("signature"));
    }

    /** Checks the signature with this key over this artifact; for an envelope, its statement names the artifact. */
    default void verify(VerificationKey key, Artifact artifact) throws Refusal {
        boolean holds = switch (this) {
            case Envelope envelope -> key.verifies(envelope.encoded(), signature());
            case Message message
            when artifact.content().isPresent() ->
                key.verifies(artifact.content().get(), message.signature());
            case Message message
            when key.canVerifyDigest() -> key.verifiesDigest(artifact.sha256(), message.signature());
            case Message message ->
                throw Refusal.rejected(
                        RejectionCode.AlgorithmUnsupported,
                        "a signature by " + key.key().getAlgorithm()
                                + " over the artifact itself cannot be checked from its digest");
        };
        if (!holds) {
            throw Refusal.rejected(
                    RejectionCode.SignatureInvalid,
                    this instanceof Envelope
                            ? "the signature found is by another key, or its payload was changed"
                            : "the signature found is by another key, or for another artifact");
        }
    }
}
