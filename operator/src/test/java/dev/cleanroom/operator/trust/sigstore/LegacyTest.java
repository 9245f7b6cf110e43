package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.JSON;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.SIGNED;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.trust.cosign.LegacySignature;
import dev.cleanroom.operator.trust.cosign.LegacyVerifier;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.Expectation.Witnesses;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The format of cosign before bundles ({@code trust.cosign}); here, where the private Sigstore is. */
class LegacyTest {
    private static final String SIGNATURE = "dev.cosignproject.cosign/signature";
    private static final String CERTIFICATE = "dev.sigstore.cosign/certificate";
    private static final String BUNDLE = "dev.sigstore.cosign/bundle";
    private static final String TIMESTAMP = "dev.sigstore.cosign/rfc3161timestamp";
    private static final String REPOSITORY = "registry.example.com/builders/maven";
    private static final String PROVENANCE = "https://slsa.dev/provenance/v1";
    private static final String RIGHT = "{\"critical\":{\"identity\":{\"docker-reference\":\"" + REPOSITORY
            + "\"},\"image\":{\"docker-manifest-digest\":\"sha256:" + Signing.IMAGE.hex()
            + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}";

    private final PrivateSigstore sigstore = new PrivateSigstore();
    private final Signing signing = new Signing(sigstore);
    private byte[] payload = RIGHT.getBytes(StandardCharsets.UTF_8);
    private boolean attestation;
    private UnaryOperator<ObjectNode> entry = body -> body;

    /** The layer's annotations, for what the fields say now. */
    private Map<String, String> annotations() throws CertificateEncodingException {
        var annotations = new HashMap<String, String>();
        X509Certificate certificate = signing.certificate();
        byte[] verifier = signing.byKey ? signing.key.getPublic().getEncoded() : certificate.getEncoded();
        ObjectNode body;
        byte[] stamped;
        if (attestation) {
            signing.payload = Signing.statement("https://in-toto.io/Statement/v0.1", Signing.IMAGE.hex(), PROVENANCE);
            byte[] signature = PrivateSigstore.sign(
                    signing.key.getPrivate(),
                    new SignedContent.Envelope(signing.payloadType, signing.payload, new byte[0]).encoded());
            ObjectNode envelope = JSON.createObjectNode()
                    .put("payload", base64(signing.payload))
                    .put("payloadType", signing.payloadType);
            envelope.putArray("signatures").addObject().put("sig", base64(signature));
            payload = Signing.bytes(envelope);
            stamped = payload;
            annotations.put(SIGNATURE, "");
            body = signing.dsse(signature, verifier);
        } else {
            byte[] signature = PrivateSigstore.sign(signing.key.getPrivate(), payload);
            stamped = signature;
            annotations.put(SIGNATURE, base64(signature));
            body = signing.hashed(payload, signature, verifier);
        }
        if (!signing.byKey) {
            annotations.put(CERTIFICATE, PrivateSigstore.pem(Pem.CERTIFICATE, verifier));
        }
        byte[] bytes = Signing.bytes(entry.apply(body));
        long time = signing.logged.getEpochSecond();
        ObjectNode bundle =
                JSON.createObjectNode().put("SignedEntryTimestamp", base64(sigstore.promise(bytes, time, 7)));
        bundle.putObject("Payload")
                .put("body", base64(bytes))
                .put("integratedTime", time)
                .put("logIndex", 7)
                .put("logID", HexFormat.of().formatHex(PrivateSigstore.id(sigstore.logKey)));
        annotations.put(BUNDLE, bundle.toString());
        if (signing.stamped) {
            annotations.put(
                    TIMESTAMP,
                    JSON.createObjectNode()
                            .put("SignedRFC3161Timestamp", base64(sigstore.timestamp(stamped, signing.stampedAt)))
                            .toString());
        }
        return annotations;
    }

    private String code() throws CertificateEncodingException {
        return code(annotations -> {});
    }

    private String code(Consumer<Map<String, String>> tampering) throws CertificateEncodingException {
        Map<String, String> annotations = annotations();
        tampering.accept(annotations);
        return code(annotations, Optional.empty());
    }

    private String code(Map<String, String> annotations, Optional<String> repository) {
        SignedBy by = signing.byKey
                ? new SignedBy.Key(VerificationKey.of(signing.key.getPublic()).orElseThrow())
                : Verifying.keyless();
        Purpose purpose = attestation ? new Purpose.Attestation(PROVENANCE) : new Purpose.ImageSignature();
        return Verifying.code(
                new LegacyVerifier(Optional.of(sigstore.trustRoot()), new Verifying(sigstore).clock(), repository)
                        .verify(
                                new LegacySignature(payload, annotations),
                                Signing.IMAGE,
                                new Expectation(by, purpose, Witnesses.ONE_LOG)));
    }

    private void payload(String text) {
        payload = text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void signaturesAndAttestationsByKeyAndByCertificate(boolean byKey) throws CertificateEncodingException {
        signing.byKey = byKey;
        for (boolean stamped : List.of(false, true)) {
            signing.stamped = stamped;
            attestation = false;
            payload(RIGHT);
            assertThat(code()).isEqualTo("Accepted");
            attestation = true;
            assertThat(code()).isEqualTo("Accepted");
        }
    }

    @Test
    void a2PayloadAboutAnotherDigest() throws CertificateEncodingException {
        payload(RIGHT.replace(Signing.IMAGE.hex(), "0".repeat(64)));
        assertThat(code()).isEqualTo("SubjectMismatch");
        payload(RIGHT.replace("sha256:", ""));
        assertThat(code()).isEqualTo("SubjectMismatch");
    }

    @Test
    void a8SignedForAnotherRepository() throws CertificateEncodingException {
        assertThat(code(annotations(), Optional.of(REPOSITORY))).isEqualTo("Accepted");
        assertThat(code(annotations(), Optional.of("registry.example.com/builders/gradle")))
                .isEqualTo("ReferenceMismatch");
    }

    @Test
    void a9PayloadOfAnotherType() throws CertificateEncodingException {
        payload(RIGHT.replace("cosign container", "atomic container"));
        assertThat(code()).isEqualTo("PayloadTypeUnexpected");
    }

    @Test
    void a10PayloadThatIsNotStrictJson() throws CertificateEncodingException {
        for (String text : List.of(
                RIGHT + "{}",
                RIGHT.replace("\"optional\"", "\"critical\":{},\"optional\""),
                "{}",
                " ".repeat(LegacySignature.MAX_PAYLOAD_BYTES) + RIGHT)) {
            payload(text);
            assertThat(code()).isEqualTo("PayloadMalformed");
        }
    }

    @Test
    void theBytesAreSignedNotTheirMeaning() throws CertificateEncodingException {
        Map<String, String> annotations = annotations();
        payload(RIGHT + " ");
        assertThat(code(annotations, Optional.empty())).isEqualTo("SignatureInvalid");
    }

    @Test
    void aSignatureIsNoAttestationAndTheOtherWayRound() throws CertificateEncodingException {
        Map<String, String> annotations = annotations();
        attestation = true;
        assertThat(code(annotations, Optional.empty())).isEqualTo("SignatureCountWrong");
        annotations = annotations();
        attestation = false;
        assertThat(code(annotations, Optional.empty())).isEqualTo("SignatureInvalid");
    }

    @Test
    void c7ChainsThatComeAlongAreNotLookedAt() throws CertificateEncodingException {
        var theirs = new PrivateSigstore();
        String chain = PrivateSigstore.pem(Pem.CERTIFICATE, theirs.authority.getEncoded())
                + PrivateSigstore.pem(Pem.CERTIFICATE, theirs.root.getEncoded());
        Signing forged = new Signing(theirs);
        forged.key = signing.key;
        String leaf = PrivateSigstore.pem(Pem.CERTIFICATE, forged.certificate().getEncoded());
        assertThat(code(annotations -> {
                    annotations.put(CERTIFICATE, leaf);
                    annotations.put("dev.sigstore.cosign/chain", chain);
                }))
                .isEqualTo("CertificateUntrusted");
        assertThat(code(annotations -> annotations.put(CERTIFICATE, "no certificate")))
                .isEqualTo("CertificateMalformed");
        assertThat(code(annotations -> annotations.remove(CERTIFICATE))).isEqualTo("CertificateMissing");
    }

    @Test
    void d1LoggedOutsideTheCertificate() throws CertificateEncodingException {
        signing.logged = SIGNED.plus(PrivateSigstore.LIFETIME).plusSeconds(1);
        assertThat(code()).isEqualTo("TimeOutsideCertificate");
    }

    @Test
    void e1PromiseForAnotherSignature() throws CertificateEncodingException {
        String other = annotations().get(BUNDLE);
        assertThat(code(annotations -> annotations.put(BUNDLE, other)))
                .as("of the same payload, by the same key")
                .isIn("EntrySignatureMismatch", "EntryVerifierMismatch");
        entry = body -> {
            ((ObjectNode) body.at("/spec/data/hash")).put("value", "0".repeat(64));
            return body;
        };
        assertThat(code()).isEqualTo("EntryArtifactMismatch");
        entry = body -> body.put("apiVersion", "9");
        assertThat(code()).isEqualTo("EntryKindUnsupported");
    }

    @Test
    void e2PromisesThatDoNotHold() throws CertificateEncodingException {
        assertThat(code(annotations -> annotations.remove(BUNDLE))).isEqualTo("EntryMissing");
        for (String field : List.of("integratedTime", "logIndex")) {
            assertThat(code(annotations -> annotations.put(
                            BUNDLE, annotations.get(BUNDLE).replaceFirst("(\"" + field + "\":[0-9]+)", "$11"))))
                    .as(field)
                    .isEqualTo("PromiseInvalid");
        }
        assertThat(code(annotations -> annotations.put(
                        BUNDLE, annotations.get(BUNDLE).replaceFirst("\"logID\":\"[0-9a-f]{2}", "\"logID\":\"00"))))
                .isEqualTo("LogUnknown");
    }

    @Test
    void annotationsThatCannotBeRead() throws CertificateEncodingException {
        for (String name : List.of(SIGNATURE, BUNDLE, TIMESTAMP)) {
            for (String text : List.of("{", "\u00e9", "x".repeat(LegacySignature.MAX_ANNOTATION + 1))) {
                assertThat(code(annotations -> annotations.put(name, text)))
                        .as(name)
                        .isEqualTo("AnnotationMalformed");
            }
        }
        assertThat(code(annotations ->
                        annotations.put(BUNDLE, annotations.get(BUNDLE).replaceFirst("\"logID\":\"", "\"logID\":\"g"))))
                .isEqualTo("AnnotationMalformed");
    }
}
