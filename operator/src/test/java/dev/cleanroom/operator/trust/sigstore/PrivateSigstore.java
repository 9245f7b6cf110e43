package dev.cleanroom.operator.trust.sigstore;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A whole Sigstore of our own: certificate authority, CT log, two transparency logs, timestamp authority, trust root. */
@SuppressWarnings("JavaUtilDate") // what BouncyCastle's builders take
public final class PrivateSigstore {
    public static final JsonMapper JSON = new JsonMapper();
    public static final Instant START = Instant.parse("2020-01-01T00:00:00Z");
    public static final Instant END = Instant.parse("2040-01-01T00:00:00Z");
    /** When everything is signed unless a test says otherwise. */
    public static final Instant SIGNED = Instant.parse("2026-01-10T12:00:00Z");

    public static final String LOG_V1 = "rekor.example.com";
    public static final String LOG_V2 = "log2026.rekor.example.com";

    private static final int ED25519_BYTES = 32;

    public final KeyPair rootKey = ec("secp384r1");
    public final KeyPair authorityKey = ec("secp256r1");
    public final KeyPair ctKey = ec("secp256r1");
    public final KeyPair logKey = ec("secp256r1");
    public final KeyPair logV2Key = generate("Ed25519");
    public final KeyPair tsaKey = ec("secp256r1");

    public final X509Certificate root = authority("CN=root", rootKey, "CN=root", rootKey, START, END);
    public X509Certificate authority = authority("CN=authority", authorityKey, "CN=root", rootKey, START, END);
    public X509Certificate tsa = tsa(KeyPurposeId.id_kp_timeStamping);

    public static KeyPair ec(String curve) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static KeyPair rsa(int bits) {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static KeyPair generate(String algorithm) {
        try {
            return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String algorithm(PrivateKey key) {
        return switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "Ed25519";
        };
    }

    public static byte[] sign(PrivateKey key, byte[] message) {
        try {
            Signature signature = Signature.getInstance(algorithm(key));
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    public static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // it was read from these bytes
        }
    }

    public static byte[] concat(byte[]... parts) {
        var whole =
                ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
        Arrays.stream(parts).forEach(whole::put);
        return whole.array();
    }

    public X509Certificate authority(
            String subject, KeyPair key, String issuer, KeyPair issuerKey, Instant from, Instant until) {
        var builder = new JcaX509v3CertificateBuilder(
                new X500Principal(issuer),
                BigInteger.TWO,
                Date.from(from),
                Date.from(until),
                new X500Principal(subject),
                key.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
            return issue(builder, issuerKey);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public X509Certificate tsa(KeyPurposeId usage) {
        return tsa(usage, START, END);
    }

    public X509Certificate tsa(KeyPurposeId usage, Instant from, Instant until) {
        var builder = new JcaX509v3CertificateBuilder(
                new X500Principal("CN=root"),
                BigInteger.TEN,
                Date.from(from),
                Date.from(until),
                new X500Principal("CN=tsa"),
                tsaKey.getPublic());
        try {
            builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(usage));
            return issue(builder, rootKey);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public static X509Certificate issue(X509v3CertificateBuilder builder, KeyPair issuerKey) throws Exception {
        X509CertificateHolder holder = builder.build(
                new JcaContentSignerBuilder(algorithm(issuerKey.getPrivate())).build(issuerKey.getPrivate()));
        return new JcaX509CertificateConverter().getCertificate(holder);
    }

    /** Publishes the certificate that the builder makes, and puts the timestamp into it. */
    public X509Certificate published(X509v3CertificateBuilder builder, KeyPair by, Instant time) throws Exception {
        byte[] tbs = issue(builder, by).getTBSCertificate();
        byte[] signed = concat(
                new byte[] {0, 0},
                ByteBuffer.allocate(8).putLong(time.toEpochMilli()).array(),
                new byte[] {0, 1},
                HashAlgorithm.SHA2_256.hash(by.getPublic().getEncoded()),
                new byte[] {(byte) (tbs.length >> 16), (byte) (tbs.length >> 8), (byte) tbs.length},
                tbs,
                new byte[] {0, 0});
        byte[] signature = sign(ctKey.getPrivate(), signed);
        byte[] sct = concat(
                new byte[] {0},
                id(ctKey),
                ByteBuffer.allocate(8).putLong(time.toEpochMilli()).array(),
                new byte[] {0, 0, 4, 3},
                twoBytes(signature.length),
                signature);
        byte[] list = concat(twoBytes(sct.length + 2), twoBytes(sct.length), sct);
        builder.addExtension(
                new ASN1ObjectIdentifier(CertificateTransparency.SCT_LIST), false, new DEROctetString(list));
        return issue(builder, by);
    }

    private static byte[] twoBytes(int length) {
        return new byte[] {(byte) (length >> 8), (byte) length};
    }

    /** Rekor v1 and CT logs go by their key, Rekor v2 by its name and key (C2SP, signed-note.md, "Signature types"). */
    public static byte[] id(KeyPair key) {
        byte[] encoded = key.getPublic().getEncoded();
        return HashAlgorithm.SHA2_256.hash(
                key.getPublic().getAlgorithm().equals("EdDSA")
                        ? concat(
                                (LOG_V2 + "\n").getBytes(StandardCharsets.UTF_8),
                                new byte[] {1},
                                Arrays.copyOfRange(encoded, encoded.length - ED25519_BYTES, encoded.length))
                        : encoded);
    }

    /** RFC 3161: a granted response. */
    public byte[] timestamp(byte[] stamped, Instant time) {
        return new TimestampAnswers(tsaKey, tsa).about(stamped, time);
    }

    /** The signed entry timestamp of Rekor v1. */
    public byte[] promise(byte[] body, long time, long index) {
        return sign(
                logKey.getPrivate(),
                ("{\"body\":\"" + base64(body) + "\",\"integratedTime\":" + time + ",\"logID\":\""
                                + HexFormat.of().formatHex(id(logKey)) + "\",\"logIndex\":" + index + "}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    /** That the body is the second of two entries of a tree. */
    public ObjectNode proof(byte[] body, boolean v2) {
        byte[] first = HashAlgorithm.SHA2_256.hash(new byte[] {1, 2, 3});
        byte[] leaf = HashAlgorithm.SHA2_256.hash(concat(new byte[] {0}, body));
        byte[] treeRoot = HashAlgorithm.SHA2_256.hash(concat(new byte[] {1}, first, leaf));
        String name = v2 ? LOG_V2 : LOG_V1;
        String head = (v2 ? name : name + " - 42") + "\n2\n" + base64(treeRoot) + "\n";
        ObjectNode proof = JSON.createObjectNode();
        proof.put("logIndex", "1").put("rootHash", base64(treeRoot)).put("treeSize", "2");
        proof.putArray("hashes").add(base64(first));
        proof.putObject("checkpoint").put("envelope", note(head, name, v2 ? logV2Key : logKey));
        return proof;
    }

    public static String note(String head, String name, KeyPair key) {
        byte[] signature = sign(key.getPrivate(), head.getBytes(StandardCharsets.UTF_8));
        return head + "\n\u2014 " + name + " " + base64(concat(Arrays.copyOf(id(key), 4), signature)) + "\n";
    }

    public TrustRoot trustRoot() {
        try {
            return TrustRoot.parse(JSON.writeValueAsBytes(trustRootJson()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public ObjectNode trustRootJson() {
        ObjectNode json = JSON.createObjectNode().put("mediaType", TrustRoot.MEDIA_TYPE);
        ArrayNode logs = json.putArray("tlogs");
        log(logs.addObject(), "https://" + LOG_V1, logKey, "PKIX_ECDSA_P256_SHA_256");
        log(logs.addObject(), "https://" + LOG_V2, logV2Key, "PKIX_ED25519");
        log(json.putArray("ctlogs").addObject(), "https://ct.example.com", ctKey, "PKIX_ECDSA_P256_SHA_256");
        chain(json.putArray("certificateAuthorities").addObject(), List.of(authority, root));
        chain(json.putArray("timestampAuthorities").addObject(), List.of(tsa, root));
        return json;
    }

    private static void log(ObjectNode log, String address, KeyPair key, String details) {
        log.put("baseUrl", address).put("hashAlgorithm", "SHA2_256");
        ObjectNode publicKey = log.putObject("publicKey");
        publicKey.put("rawBytes", base64(key.getPublic().getEncoded())).put("keyDetails", details);
        publicKey.putObject("validFor").put("start", START.toString());
        log.putObject("logId").put("keyId", base64(id(key)));
    }

    private static void chain(ObjectNode authority, List<X509Certificate> certificates) {
        ArrayNode chain = authority.putObject("certChain").putArray("certificates");
        try {
            for (X509Certificate certificate : certificates) {
                chain.addObject().put("rawBytes", base64(certificate.getEncoded()));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        authority.putObject("validFor").put("start", START.toString());
    }

    public static final Duration LIFETIME = Duration.ofMinutes(10);
}
