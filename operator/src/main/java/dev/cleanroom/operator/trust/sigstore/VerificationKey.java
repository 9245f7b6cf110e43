package dev.cleanroom.operator.trust.sigstore;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.EdDSAParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * A public key and the kinds of signatures that it verifies: ECDSA on P-256, P-384 and P-521, Ed25519 and Ed25519ph,
 * and RSA (PKCS #1 v1.5, 2048 to 8192 bits). Everything else, including Ed448 and smaller curves, is not supported.
 *
 * @param algorithms names of the Java platform, tried in this order: signers of one curve do not agree on the hash
 */
public record VerificationKey(PublicKey key, List<String> algorithms) {
    /** Twice the size of the longest RSA key. */
    public static final int MAX_PEM_BYTES = 4 << 10;

    static final int MIN_RSA_BITS = 2048;
    static final int MAX_RSA_BITS = 8192;

    /** A longer exponent only takes time. */
    static final int MAX_RSA_EXPONENT_BITS = 32;

    /** The size of a signature by the longest RSA key. Nothing longer is a signature. */
    static final int MAX_SIGNATURE_BYTES = MAX_RSA_BITS / 8;

    private static final String ED25519 = "Ed25519";

    /**
     * Ed25519ph, over the SHA-512 of the message (RFC 8032, section 5.1), as cosign signs with an Ed25519 key. No
     * signature is valid as both.
     */
    private static final String ED25519PH = "Ed25519ph";

    private static final String SHA256_RSA = "SHA256withRSA";

    /** Parses the key of a policy: a PEM block "PUBLIC KEY" with a SubjectPublicKeyInfo (RFC 5280, section 4.1). */
    public static VerificationKey fromPem(String text) throws Refusal {
        Pem pem = Optional.of(text)
                .filter(all -> all.length() <= MAX_PEM_BYTES)
                .flatMap(Pem::parse)
                .filter(block -> block.label().equals(Pem.PUBLIC_KEY))
                .orElseThrow(() -> Refusal.unresolved(
                        UnresolvedCode.KeyMalformed,
                        "the key is not one PEM block that starts with -----BEGIN PUBLIC KEY-----"));
        PublicKey key = decode(pem.der())
                .orElseThrow(() -> Refusal.unresolved(
                        UnresolvedCode.KeyMalformed, "the key's PEM block is not a public key that Java can parse"));
        return of(key).orElseThrow(() -> Refusal.unresolved(
                UnresolvedCode.KeyUnsupported,
                "the key is not ECDSA (P-256, P-384, P-521), Ed25519 or RSA of 2048 to 8192 bits"));
    }

    /** Empty when the key is not supported. */
    public static Optional<VerificationKey> of(PublicKey key) {
        return switch (key) {
            case ECPublicKey ec ->
                switch (ec.getParams().getCurve().getField().getFieldSize()) {
                    case 256 -> with(key, "SHA256withECDSA");
                    case 384 -> with(key, "SHA384withECDSA", "SHA256withECDSA");
                    case 521 -> with(key, "SHA512withECDSA", "SHA256withECDSA");
                    default -> Optional.empty();
                };
            case EdECPublicKey ed when ed.getParams().getName().equals(ED25519) -> with(key, ED25519, ED25519PH);
            case RSAPublicKey rsa when isFit(rsa) -> with(key, SHA256_RSA);
            default -> Optional.empty();
        };
    }

    private static Optional<VerificationKey> with(PublicKey key, String... algorithms) {
        return Optional.of(new VerificationKey(key, List.of(algorithms)));
    }

    private static boolean isFit(RSAPublicKey rsa) {
        int bits = rsa.getModulus().bitLength();
        BigInteger exponent = rsa.getPublicExponent();
        return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS && exponent.bitLength() <= MAX_RSA_EXPONENT_BITS;
    }

    /** Parses a SubjectPublicKeyInfo. */
    static Optional<PublicKey> decode(byte[] der) {
        try {
            String oid = SubjectPublicKeyInfo.getInstance(der)
                    .getAlgorithm()
                    .getAlgorithm()
                    .getId();
            String family = switch (oid) {
                case "1.2.840.10045.2.1" -> "EC";
                case "1.3.101.112" -> ED25519;
                case "1.2.840.113549.1.1.1" -> "RSA";
                default -> oid;
            };
            return Optional.of(KeyFactory.getInstance(family).generatePublic(new X509EncodedKeySpec(der)));
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.empty(); // BouncyCastle throws exceptions of many kinds for hostile DER
        }
    }

    /** Parses an RSAPublicKey without its algorithm (RFC 8017, appendix A.1.1), as old logs have it. */
    static Optional<PublicKey> decodePkcs1(byte[] der) {
        try {
            var rsa = new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
            return decode(new SubjectPublicKeyInfo(rsa, der).getEncoded());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public boolean verifies(byte[] message, byte[] signature) {
        return algorithms.stream().anyMatch(algorithm -> verifies(algorithm, message, signature));
    }

    /** Verifies with only the SHA-256 of the message. ECDSA can do that; the others need the message. */
    boolean verifiesDigest(byte[] sha256, byte[] signature) {
        return canVerifyDigest() && verifies("NONEwithECDSA", sha256, signature);
    }

    boolean canVerifyDigest() {
        return key instanceof ECPublicKey;
    }

    private boolean verifies(String algorithm, byte[] message, byte[] signature) {
        if (signature.length > MAX_SIGNATURE_BYTES) {
            return false;
        }
        try {
            Signature check = Signature.getInstance(algorithm.equals(ED25519PH) ? ED25519 : algorithm);
            if (algorithm.equals(ED25519PH)) {
                check.setParameter(new EdDSAParameterSpec(true));
            }
            check.initVerify(key);
            check.update(message);
            return check.verify(signature);
        } catch (SignatureException | InvalidKeyException e) {
            return false; // not a signature of this kind
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // the platform has these algorithms
        }
    }

    /** SHA-256 over the SubjectPublicKeyInfo, 64 lower-case hexadecimal digits. */
    public String fingerprint() {
        return HexFormat.of().formatHex(HashAlgorithm.SHA2_256.hash(key.getEncoded()));
    }
}
