package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.JSON;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.pem;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;

/** How one bundle is made: right as it stands, and each field may be set to what an attacker would do before all signs. */
@SuppressWarnings("JavaUtilDate") // what BouncyCastle's builders take
public final class Signing {
    public static final String ISSUER = "https://token.example.com";
    public static final String SUBJECT = "https://git.example.com/builders/ci.yml@refs/heads/main";
    public static final byte[] MANIFEST = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    public static final Artifact IMAGE =
            new Artifact(Artifact.ofContent(MANIFEST).sha256(), Optional.empty());

    public enum Log {
        V1,
        V2,
        NONE
    }

    public final PrivateSigstore sigstore;

    // By whom.
    public boolean byKey;
    public KeyPair key = PrivateSigstore.ec("secp256r1");
    public List<KeyPurposeId> usages = List.of(KeyPurposeId.id_kp_codeSigning);
    public int keyUsage = KeyUsage.digitalSignature;
    public boolean authority;
    public List<GeneralName> names = List.of(new GeneralName(GeneralName.uniformResourceIdentifier, SUBJECT));
    public String issuer = ISSUER;
    public String rawIssuer = "";
    public boolean published = true;
    public byte[] scts = {};
    public Instant issued = PrivateSigstore.SIGNED;

    // What.
    public boolean message;
    public String payloadType = Statement.PAYLOAD_TYPE;
    public String predicateType = Purpose.ImageSignature.PREDICATE_TYPE;
    public byte[] payload = statement("https://in-toto.io/Statement/v1", IMAGE.hex(), predicateType);
    public UnaryOperator<byte[]> signed = bytes -> bytes;

    // Where and when.
    public Log log = Log.V1;
    public boolean promised = true;
    public Instant logged = PrivateSigstore.SIGNED;
    public UnaryOperator<ObjectNode> entry = body -> body;
    public boolean stamped;
    public Instant stampedAt = PrivateSigstore.SIGNED;
    public UnaryOperator<byte[]> stampedBytes = bytes -> bytes;

    public Signing(PrivateSigstore sigstore) {
        this.sigstore = sigstore;
    }

    public static byte[] statement(String type, String sha256, String predicateType) {
        return statement(type, "[{\"name\":\"\",\"digest\":{\"sha256\":\"" + sha256 + "\"}}]", predicateType, "{}");
    }

    public static byte[] statement(String type, String subjects, String predicateType, String predicate) {
        return ("{\"_type\":\"" + type + "\",\"subject\":" + subjects + ",\"predicateType\":\"" + predicateType
                        + "\",\"predicate\":" + predicate + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    public X509Certificate certificate() {
        var builder = new JcaX509v3CertificateBuilder(
                sigstore.authority.getSubjectX500Principal(),
                BigInteger.valueOf(7),
                Date.from(issued),
                Date.from(issued.plus(PrivateSigstore.LIFETIME)),
                new X500Principal(""),
                key.getPublic());
        try {
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(keyUsage));
            if (!usages.isEmpty()) {
                builder.addExtension(
                        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usages.toArray(KeyPurposeId[]::new)));
            }
            if (authority) {
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            }
            if (!names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName, true, new GeneralNames(names.toArray(GeneralName[]::new)));
            }
            if (!issuer.isEmpty()) {
                builder.addExtension(
                        new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1.8"), false, new DERUTF8String(issuer));
            }
            if (!rawIssuer.isEmpty()) {
                builder.addExtension(
                        new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1.1"),
                        false,
                        rawIssuer.getBytes(StandardCharsets.UTF_8));
            }
            if (scts.length > 0) {
                builder.addExtension(
                        new ASN1ObjectIdentifier(CertificateTransparency.SCT_LIST), false, new DEROctetString(scts));
            }
            return published
                    ? sigstore.published(builder, sigstore.authorityKey, issued)
                    : PrivateSigstore.issue(builder, sigstore.authorityKey);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public ObjectNode bundle() {
        ObjectNode bundle = JSON.createObjectNode().put("mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json");
        ObjectNode material = bundle.putObject("verificationMaterial");
        byte[] verifier;
        try {
            verifier = byKey ? key.getPublic().getEncoded() : certificate().getEncoded();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        if (byKey) {
            material.putObject("publicKey").put("hint", base64(PrivateSigstore.id(key)));
        } else {
            material.putObject("certificate").put("rawBytes", base64(verifier));
        }
        byte[] encoded = message ? MANIFEST : new SignedContent.Envelope(payloadType, payload, new byte[0]).encoded();
        byte[] signature = PrivateSigstore.sign(key.getPrivate(), signed.apply(encoded));
        if (message) {
            ObjectNode content = bundle.putObject("messageSignature");
            content.putObject("messageDigest").put("algorithm", "SHA2_256").put("digest", base64(IMAGE.sha256()));
            content.put("signature", base64(signature));
        } else {
            ObjectNode envelope = bundle.putObject("dsseEnvelope");
            envelope.put("payload", base64(payload)).put("payloadType", payloadType);
            envelope.putArray("signatures").addObject().put("sig", base64(signature));
        }
        if (log != Log.NONE) {
            ObjectNode body = log == Log.V2
                    ? v2(encoded, signature, verifier)
                    : message ? hashed(encoded, signature, verifier) : dsse(signature, verifier);
            material.putArray("tlogEntries").add(entry(entry.apply(body)));
        }
        if (stamped) {
            material.putObject("timestampVerificationData")
                    .putArray("rfc3161Timestamps")
                    .addObject()
                    .put("signedTimestamp", base64(sigstore.timestamp(stampedBytes.apply(signature), stampedAt)));
        }
        return bundle;
    }

    private ObjectNode entry(ObjectNode body) {
        byte[] bytes = bytes(body);
        ObjectNode entry = JSON.createObjectNode();
        entry.put("logIndex", log == Log.V2 ? "1" : "1001");
        entry.putObject("logId")
                .put("keyId", base64(PrivateSigstore.id(log == Log.V2 ? sigstore.logV2Key : sigstore.logKey)));
        entry.putObject("kindVersion")
                .put("kind", body.path("kind").asText())
                .put("version", body.path("apiVersion").asText());
        if (log == Log.V1) {
            entry.put("integratedTime", String.valueOf(logged.getEpochSecond()));
            if (promised) {
                entry.putObject("inclusionPromise")
                        .put("signedEntryTimestamp", base64(sigstore.promise(bytes, logged.getEpochSecond(), 1001)));
            }
        }
        entry.set("inclusionProof", sigstore.proof(bytes, log == Log.V2));
        entry.put("canonicalizedBody", base64(bytes));
        return entry;
    }

    public ObjectNode hashed(byte[] content, byte[] signature, byte[] verifier) {
        ObjectNode body = JSON.createObjectNode().put("apiVersion", "0.0.1").put("kind", "hashedrekord");
        ObjectNode spec = body.putObject("spec");
        spec.putObject("data")
                .putObject("hash")
                .put("algorithm", "sha256")
                .put("value", HexFormat.of().formatHex(HashAlgorithm.SHA2_256.hash(content)));
        ObjectNode signed = spec.putObject("signature").put("content", base64(signature));
        signed.putObject("publicKey").put("content", base64(pemOf(verifier)));
        return body;
    }

    public ObjectNode dsse(byte[] signature, byte[] verifier) {
        ObjectNode body = JSON.createObjectNode().put("apiVersion", "0.0.1").put("kind", "dsse");
        ObjectNode spec = body.putObject("spec");
        spec.putObject("payloadHash")
                .put("algorithm", "sha256")
                .put("value", HexFormat.of().formatHex(HashAlgorithm.SHA2_256.hash(payload)));
        spec.putArray("signatures")
                .addObject()
                .put("signature", base64(signature))
                .put("verifier", base64(pemOf(verifier)));
        return body;
    }

    private ObjectNode v2(byte[] content, byte[] signature, byte[] verifier) {
        ObjectNode body = JSON.createObjectNode().put("apiVersion", "0.0.2").put("kind", "hashedrekord");
        ObjectNode entry = body.putObject("spec").putObject("hashedRekordV002");
        entry.putObject("data")
                .put("algorithm", "SHA2_256")
                .put("digest", base64(HashAlgorithm.SHA2_256.hash(content)));
        ObjectNode by =
                entry.putObject("signature").put("content", base64(signature)).putObject("verifier");
        by.putObject(byKey ? "publicKey" : "x509Certificate").put("rawBytes", base64(verifier));
        return body;
    }

    private byte[] pemOf(byte[] verifier) {
        return pem(byKey ? Pem.PUBLIC_KEY : Pem.CERTIFICATE, verifier).getBytes(StandardCharsets.US_ASCII);
    }

    public static byte[] bytes(ObjectNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
