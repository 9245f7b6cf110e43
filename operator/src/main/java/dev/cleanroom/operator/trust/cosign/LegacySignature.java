package dev.cleanroom.operator.trust.cosign;

import dev.cleanroom.operator.trust.sigstore.Certificates;
import dev.cleanroom.operator.trust.sigstore.EntryBody;
import dev.cleanroom.operator.trust.sigstore.Json;
import dev.cleanroom.operator.trust.sigstore.Pem;
import dev.cleanroom.operator.trust.sigstore.Refusal;
import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * One layer of a manifest under the tag {@code sha256-<hex>.sig} or {@code .att} (sigstore/cosign,
 * specs/SIGNATURE_SPEC.md), with nothing verified but the payload's digest. A certificate chain in it is ignored:
 * issuers come only from the trust root.
 *
 * @param payload the layer's bytes
 * @param annotations the layer's
 */
public record LegacySignature(byte[] payload, Map<String, String> annotations) {
    /** The most bytes of a signature's payload, which names one image. */
    public static final int MAX_PAYLOAD_BYTES = 64 << 10;

    /** The most bytes of an attestation's envelope. */
    public static final int MAX_ENVELOPE_BYTES = 8 << 20;

    /** The most characters of one annotation: an entry of a log, in base64 and JSON. */
    public static final int MAX_ANNOTATION = 2 * EntryBody.MAX_BYTES;

    static final String SIGNATURE = "dev.cosignproject.cosign/signature";
    static final String CERTIFICATE = "dev.sigstore.cosign/certificate";
    static final String BUNDLE = "dev.sigstore.cosign/bundle";
    static final String TIMESTAMP = "dev.sigstore.cosign/rfc3161timestamp";

    public LegacySignature {
        annotations = Map.copyOf(annotations);
    }

    /** A log's promise that it has had the entry since this time. */
    record Promised(byte[] promise, byte[] body, long time, long index, byte[] logId) {}

    byte[] signature() throws Refusal {
        try {
            return Base64.getDecoder().decode(annotation(SIGNATURE).orElse(""));
        } catch (IllegalArgumentException e) {
            throw malformed(SIGNATURE + " is not base64");
        }
    }

    Optional<X509Certificate> certificate() throws Refusal {
        Optional<String> pem = annotation(CERTIFICATE).filter(text -> !text.isBlank());
        if (pem.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Pem.parse(pem.get())
                .filter(block -> block.label().equals(Pem.CERTIFICATE))
                .flatMap(block -> Certificates.parse(block.der()))
                .orElseThrow(() -> Refusal.rejected(
                        RejectionCode.CertificateMalformed,
                        "the annotation " + CERTIFICATE + " is not a certificate")));
    }

    Optional<Promised> promised() throws Refusal {
        Optional<Json> bundle = json(BUNDLE);
        if (bundle.isEmpty()) {
            return Optional.empty();
        }
        Json entry = bundle.get().object("Payload");
        byte[] logId;
        try {
            logId = HexFormat.of().parseHex(entry.text("logID"));
        } catch (IllegalArgumentException e) {
            throw malformed(BUNDLE + " has a logID that is not hexadecimal");
        }
        return Optional.of(new Promised(
                bundle.get().bytes("SignedEntryTimestamp"),
                entry.bytes("body"),
                entry.count("integratedTime"),
                entry.count("logIndex"),
                logId));
    }

    Optional<byte[]> timestamp() throws Refusal {
        Optional<Json> timestamp = json(TIMESTAMP);
        return timestamp.isPresent() ? Optional.of(timestamp.get().bytes("SignedRFC3161Timestamp")) : Optional.empty();
    }

    private Optional<Json> json(String name) throws Refusal {
        Optional<String> text = annotation(name).filter(value -> !value.isBlank());
        return text.isPresent()
                ? Optional.of(Json.parse(
                        text.get().getBytes(StandardCharsets.UTF_8), "annotation " + name, LegacySignature::malformed))
                : Optional.empty();
    }

    private Optional<String> annotation(String name) throws Refusal {
        Optional<String> value = Optional.ofNullable(annotations.get(name));
        if (value.isPresent() && value.get().length() > MAX_ANNOTATION) {
            throw malformed(name + " is longer than " + MAX_ANNOTATION + " characters");
        }
        return value;
    }

    private static Refusal malformed(String message) {
        return Refusal.rejected(RejectionCode.AnnotationMalformed, "an annotation is malformed: " + message);
    }
}
