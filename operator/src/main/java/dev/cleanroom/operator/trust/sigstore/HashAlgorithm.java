package dev.cleanroom.operator.trust.sigstore;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/** The hash algorithms that are supported, named as in sigstore_common.proto. */
public enum HashAlgorithm {
    SHA2_256("sha256", "SHA-256", "2.16.840.1.101.3.4.2.1"),
    SHA2_384("sha384", "SHA-384", "2.16.840.1.101.3.4.2.2"),
    SHA2_512("sha512", "SHA-512", "2.16.840.1.101.3.4.2.3");

    private final String rekorName;
    private final String javaName;
    private final String oid;

    HashAlgorithm(String rekorName, String javaName, String oid) {
        this.rekorName = rekorName;
        this.javaName = javaName;
        this.oid = oid;
    }

    static Optional<HashAlgorithm> named(String protoName) {
        return Arrays.stream(values()).filter(a -> a.name().equals(protoName)).findFirst();
    }

    static Optional<HashAlgorithm> rekor(String name) {
        return Arrays.stream(values()).filter(a -> a.rekorName.equals(name)).findFirst();
    }

    static Optional<HashAlgorithm> oid(String oid) {
        return Arrays.stream(values()).filter(a -> a.oid.equals(oid)).findFirst();
    }

    public byte[] hash(byte[] bytes) {
        return digest().digest(bytes);
    }

    MessageDigest digest() {
        try {
            return MessageDigest.getInstance(javaName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has them
        }
    }
}
