package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.JSON;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.trust.sigstore.Specimen.Given;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/** Right bundles of our own making, between them everything that is verified. */
public final class OurSpecimens {
    private OurSpecimens() {}

    public static List<Specimen> of(PrivateSigstore sigstore) {
        return List.of(
                specimen(sigstore, "keyless, Rekor v1", signing -> {}),
                specimen(sigstore, "keyless, Rekor v2", Attacks::v2),
                specimen(sigstore, "keyless, Rekor v2, dsse", signing -> {
                    Attacks.v2(signing);
                    signing.entry = body -> dsse(signing, body);
                }),
                specimen(sigstore, "keyless, over the artifact", signing -> signing.message = true),
                specimen(sigstore, "keyless, over the artifact, Rekor v2", signing -> {
                    Attacks.v2(signing);
                    signing.message = true;
                }),
                specimen(sigstore, "by key, Rekor v1", signing -> signing.byKey = true));
    }

    /** Keyless in the format before bundles, with the promise of Rekor v1 and a timestamp. */
    public static Specimen legacy(PrivateSigstore sigstore) {
        var signing = new Signing(sigstore);
        byte[] certificate;
        try {
            certificate = signing.certificate().getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
        byte[] payload =
                ("{\"critical\":{\"identity\":{\"docker-reference\":\"\"},\"image\":{\"docker-manifest-digest\":\"sha256:"
                                + Signing.IMAGE.hex()
                                + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}")
                        .getBytes(StandardCharsets.UTF_8);
        byte[] signature = PrivateSigstore.sign(signing.key.getPrivate(), payload);
        byte[] body = Signing.bytes(signing.hashed(payload, signature, certificate));
        long time = PrivateSigstore.SIGNED.getEpochSecond();
        ObjectNode entry = JSON.createObjectNode().put("SignedEntryTimestamp", base64(sigstore.promise(body, time, 7)));
        entry.putObject("Payload")
                .put("body", base64(body))
                .put("integratedTime", time)
                .put("logIndex", 7)
                .put("logID", HexFormat.of().formatHex(PrivateSigstore.id(sigstore.logKey)));
        ObjectNode stamp = JSON.createObjectNode()
                .put("SignedRFC3161Timestamp", base64(sigstore.timestamp(signature, PrivateSigstore.SIGNED)));
        ObjectNode layer = JSON.createObjectNode().put("payload", base64(payload));
        layer.putObject("annotations")
                .put("dev.cosignproject.cosign/signature", base64(signature))
                .put("dev.sigstore.cosign/certificate", PrivateSigstore.pem(Pem.CERTIFICATE, certificate))
                .put("dev.sigstore.cosign/bundle", entry.toString())
                .put("dev.sigstore.cosign/rfc3161timestamp", stamp.toString());
        return new Specimen("ours legacy", layer, given(sigstore, signing));
    }

    /** What Rekor v2 keeps of an envelope where it is told that it is one (rekor-tiles, dsse.proto). */
    private static ObjectNode dsse(Signing signing, ObjectNode hashed) {
        ObjectNode body = JSON.createObjectNode().put("apiVersion", "0.0.2").put("kind", "dsse");
        ObjectNode entry = body.putObject("spec").putObject("dsseV002");
        entry.putObject("payloadHash")
                .put("algorithm", "SHA2_256")
                .put("digest", base64(HashAlgorithm.SHA2_256.hash(signing.payload)));
        entry.putArray("signatures").add(hashed.at("/spec/hashedRekordV002/signature"));
        return body;
    }

    /** Signed as an attacker would have it signed: nothing but this is wrong, and no byte was changed afterwards. */
    public static List<Specimen> wrong(PrivateSigstore sigstore) {
        return WRONG.entrySet().stream()
                .map(wrong -> specimen(sigstore, wrong.getKey(), wrong.getValue()))
                .toList();
    }

    private static final String V1 = "https://in-toto.io/Statement/v1";
    private static final Duration A_DAY = Duration.ofDays(1);

    private static final Map<String, Consumer<Signing>> WRONG = new TreeMap<>(Map.ofEntries(
            Map.entry("a certificate for servers", it -> it.usages = List.of(KeyPurposeId.id_kp_serverAuth)),
            Map.entry("a certificate without usage", it -> it.usages = List.of()),
            Map.entry("a certificate without digitalSignature", it -> it.keyUsage = KeyUsage.keyEncipherment),
            Map.entry("a certificate of an authority", it -> it.authority = true),
            Map.entry(
                    "a certificate with two subjects",
                    it -> it.names = List.of(uri("https://a.example.com"), uri(Signing.SUBJECT))),
            Map.entry("a certificate without issuer", it -> it.issuer = ""),
            Map.entry("a certificate with two issuers", it -> it.rawIssuer = "https://other.example.com"),
            Map.entry("a certificate that was not published", it -> it.published = false),
            Map.entry("another subject", it -> it.names = List.of(uri(Signing.SUBJECT + "x"))),
            Map.entry("another issuer", it -> it.issuer = "https://token.example.com.evil.example.com"),
            Map.entry("logged after its certificate", it -> it.logged = PrivateSigstore.SIGNED.plus(A_DAY)),
            Map.entry("logged before its certificate", it -> it.logged = PrivateSigstore.SIGNED.minus(A_DAY)),
            Map.entry("logged in the future", it -> {
                it.issued = PrivateSigstore.END.minus(A_DAY);
                it.logged = it.issued;
            }),
            Map.entry("logged without a promise", it -> it.promised = false),
            Map.entry("logged in Rekor v2, not stamped", it -> it.log = Signing.Log.V2),
            Map.entry("stamped after its certificate", it -> {
                Attacks.v2(it);
                it.stampedAt = PrivateSigstore.SIGNED.plus(A_DAY);
            }),
            Map.entry("stamped for other bytes", it -> {
                Attacks.v2(it);
                it.stampedBytes = bytes -> new byte[] {1};
            }),
            Map.entry("not logged", it -> {
                it.log = Signing.Log.NONE;
                it.stamped = true;
            }),
            Map.entry(
                    "an entry about another payload",
                    it -> it.entry = entry("/spec/payloadHash", "value", "0".repeat(64))),
            Map.entry(
                    "an entry about another signature",
                    it -> it.entry = entry("/spec/signatures/0", "signature", "MEUC")),
            Map.entry(
                    "an entry about another certificate",
                    it -> it.entry = entry("/spec/signatures/0", "verifier", "MEUC")),
            Map.entry("an entry of another kind", it -> it.entry = entry("", "kind", "rekord")),
            Map.entry("an entry of another version", it -> it.entry = entry("", "apiVersion", "0.0.9")),
            Map.entry("a signature over the payload without its type", it -> it.signed = bytes -> it.payload),
            Map.entry(
                    "a statement about another image",
                    it -> it.payload = Signing.statement(V1, "0".repeat(64), it.predicateType)),
            Map.entry(
                    "a statement about nothing",
                    it -> it.payload = Signing.statement(V1, "[]", it.predicateType, "{}")),
            Map.entry(
                    "a statement of unknown type",
                    it -> it.payload =
                            Signing.statement("https://example.com/v1", Signing.IMAGE.hex(), it.predicateType)),
            Map.entry(
                    "a scan, as a signature",
                    it -> it.payload = Signing.statement(V1, Signing.IMAGE.hex(), "https://example.com/scan/v1")),
            Map.entry("a payload of another type", it -> it.payloadType = "text/plain"),
            Map.entry("a payload that is no JSON", it -> it.payload = new byte[] {'{', '}', '}'})));

    private static GeneralName uri(String text) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, text);
    }

    private static UnaryOperator<ObjectNode> entry(String pointer, String field, String value) {
        return body -> {
            Attacks.at(body, pointer).put(field, value);
            return body;
        };
    }

    public static Specimen specimen(PrivateSigstore sigstore, String name, Consumer<Signing> shape) {
        var signing = new Signing(sigstore);
        shape.accept(signing);
        return new Specimen("ours " + name, signing.bundle(), given(sigstore, signing));
    }

    private static Given given(PrivateSigstore sigstore, Signing signing) {
        Expectation expected = Verifying.expected(signing);
        return new Given(
                Signing.IMAGE,
                expected.signedBy(),
                expected.purpose(),
                Optional.of(sigstore.trustRootJson()),
                new Verifying(sigstore).clock());
    }
}
