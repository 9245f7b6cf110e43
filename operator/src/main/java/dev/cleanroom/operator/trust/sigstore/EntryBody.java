package dev.cleanroom.operator.trust.sigstore;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Checks that a log entry is for a signature (Rekor v1: pkg/types of sigstore/rekor; v2: rekor-tiles,
 * hashedrekord.proto and dsse.proto). It must contain the same content, the same bytes of the signature and the same
 * key or certificate. For each of the three, some verifier did not check it, which became a CVE.
 *
 * <ol>
 *   <li>kind and version are those in the bundle, and are supported;
 *   <li>the hash is that of the artifact or of the envelope;
 *   <li>the signature is the same, byte by byte;
 *   <li>the key or certificate is the same, byte by byte.
 * </ol>
 */
public record EntryBody(SignedContent content, Artifact artifact, Verifier verifier) {
    /** Enough for an entry that contains its attestation. */
    public static final int MAX_BYTES = 1 << 20;

    /** The key or certificate of the signature, in the form in which entries contain it. */
    public record Verifier(String pemLabel, byte[] der) {}

    /**
     * @param kind the kind in the bundle
     * @param version the version in the bundle
     * @throws Refusal when the entry is for something else, or cannot be parsed
     */
    public void mustBe(String kind, String version, byte[] bytes) throws Refusal {
        Json body = read(bytes);
        if (!named(body).equals(kind + " " + version)) {
            throw malformed("its kind and version are not those in the bundle");
        }
        mustBe(body);
    }

    /**
     * Checks an entry that states its kind itself.
     *
     * @throws Refusal when the entry is for something else, or cannot be parsed
     */
    public void mustBe(byte[] bytes) throws Refusal {
        mustBe(read(bytes));
    }

    private static Json read(byte[] bytes) throws Refusal {
        if (bytes.length > MAX_BYTES) {
            throw malformed("it is longer than " + MAX_BYTES + " bytes");
        }
        return Json.parse(bytes, "log entry", EntryBody::malformed);
    }

    private static String named(Json body) throws Refusal {
        return body.text("kind") + " " + body.text("apiVersion");
    }

    private void mustBe(Json body) throws Refusal {
        String named = named(body);
        Json spec = body.object("spec");
        switch (content) {
            case SignedContent.Message message -> {
                switch (named) {
                    case "hashedrekord 0.0.1" -> hashed(spec, Optional.empty());
                    case "hashedrekord 0.0.2" -> hashedV2(spec.object("hashedRekordV002"), Optional.empty());
                    default -> throw unsupported(named, "a signature over the artifact");
                }
            }
            case SignedContent.Envelope envelope -> {
                switch (named) {
                    case "hashedrekord 0.0.1" -> hashed(spec, Optional.of(envelope.encoded()));
                    case "hashedrekord 0.0.2" ->
                        hashedV2(spec.object("hashedRekordV002"), Optional.of(envelope.encoded()));
                    case "dsse 0.0.1" -> dsse(spec, envelope);
                    case "dsse 0.0.2" -> dsseV2(spec.object("dsseV002"), envelope);
                    case "intoto 0.0.2" -> intoto(spec.object("content"), envelope);
                    default -> throw unsupported(named, "an envelope");
                }
            }
        }
    }

    private void hashed(Json spec, Optional<byte[]> encoded) throws Refusal {
        Json hash = spec.object("data").object("hash");
        sameContent(HashAlgorithm.rekor(hash.text("algorithm")), hex(hash.text("value")), encoded);
        Json signature = spec.object("signature");
        sameSignature(signature.bytes("content"));
        samePem(signature.object("publicKey").bytes("content"));
    }

    private void hashedV2(Json entry, Optional<byte[]> encoded) throws Refusal {
        Json data = entry.object("data");
        sameContent(HashAlgorithm.named(data.text("algorithm")), data.bytes("digest"), encoded);
        signedV2(entry.object("signature"));
    }

    private void dsse(Json spec, SignedContent.Envelope envelope) throws Refusal {
        Json hash = spec.object("payloadHash");
        sameContent(HashAlgorithm.rekor(hash.text("algorithm")), hex(hash.text("value")), payload(envelope));
        Json signature = only(spec.objects("signatures", Json.MAX_ELEMENTS));
        sameSignature(signature.bytes("signature"));
        samePem(signature.bytes("verifier"));
    }

    private void dsseV2(Json entry, SignedContent.Envelope envelope) throws Refusal {
        Json hash = entry.object("payloadHash");
        sameContent(HashAlgorithm.named(hash.text("algorithm")), hash.bytes("digest"), payload(envelope));
        signedV2(only(entry.objects("signatures", Json.MAX_ELEMENTS)));
    }

    /** This kind has base64 of text that is already base64. */
    private void intoto(Json stored, SignedContent.Envelope envelope) throws Refusal {
        Json hash = stored.object("payloadHash");
        sameContent(HashAlgorithm.rekor(hash.text("algorithm")), hex(hash.text("value")), payload(envelope));
        Json logged = stored.object("envelope");
        if (!logged.text("payloadType").equals(envelope.payloadType())) {
            throw Refusal.rejected(
                    RejectionCode.EntryArtifactMismatch, "the log entry is for a payload of another type");
        }
        Json signature = only(logged.objects("signatures", Json.MAX_ELEMENTS));
        byte[] once = signature.bytes("sig");
        sameSignature(Json.decode(new String(once, StandardCharsets.ISO_8859_1)).orElse(once));
        samePem(signature.bytes("publicKey"));
    }

    private void signedV2(Json signature) throws Refusal {
        sameSignature(signature.bytes("content"));
        Json by = signature.object("verifier");
        Optional<Json> certificate = by.optionalObject("x509Certificate");
        if (certificate.isPresent()) {
            sameVerifier(Pem.CERTIFICATE, certificate.get().bytes("rawBytes"));
        } else {
            sameVerifier(Pem.PUBLIC_KEY, by.object("publicKey").bytes("rawBytes"));
        }
    }

    private static Optional<byte[]> payload(SignedContent.Envelope envelope) {
        return Optional.of(envelope.payload());
    }

    private static Json only(List<Json> signatures) throws Refusal {
        if (signatures.size() != 1) {
            throw malformed("it has " + signatures.size() + " signatures and must have one");
        }
        return signatures.getFirst();
    }

    /** @param bytes the bytes that must have been hashed; empty for the artifact */
    private void sameContent(Optional<HashAlgorithm> algorithm, byte[] hash, Optional<byte[]> bytes) throws Refusal {
        HashAlgorithm by = algorithm.orElseThrow(() -> malformed("its hash algorithm is not supported"));
        byte[] ours = bytes.map(by::hash)
                .or(() -> artifact.hash(by))
                .orElseThrow(() -> Refusal.rejected(
                        RejectionCode.AlgorithmUnsupported,
                        "the log entry has the " + by + " of the artifact, but only its SHA-256 is known"));
        if (!MessageDigest.isEqual(ours, hash)) {
            throw Refusal.rejected(RejectionCode.EntryArtifactMismatch, "the log entry is for other content");
        }
    }

    private void sameSignature(byte[] logged) throws Refusal {
        if (!MessageDigest.isEqual(content.signature(), logged)) {
            throw Refusal.rejected(RejectionCode.EntrySignatureMismatch, "the log entry is for another signature");
        }
    }

    private void samePem(byte[] text) throws Refusal {
        Pem pem = Pem.parse(text).orElseThrow(() -> malformed("its key or certificate is not one PEM block"));
        sameVerifier(pem.label(), pem.der());
    }

    private void sameVerifier(String label, byte[] der) throws Refusal {
        if (!label.equals(verifier.pemLabel()) || !MessageDigest.isEqual(verifier.der(), der)) {
            throw Refusal.rejected(
                    RejectionCode.EntryVerifierMismatch, "the log entry is for another key or certificate");
        }
    }

    private static byte[] hex(String text) throws Refusal {
        try {
            return HexFormat.of().parseHex(text);
        } catch (IllegalArgumentException e) {
            throw malformed("its hash is not hexadecimal");
        }
    }

    private static Refusal unsupported(String named, String signed) {
        return Refusal.rejected(
                RejectionCode.EntryKindUnsupported,
                "a log entry of kind " + Refusal.quote(named) + " cannot be used for " + signed);
    }

    private static Refusal malformed(String message) {
        return Refusal.rejected(RejectionCode.EntryMalformed, "the log entry is malformed: " + message);
    }
}
