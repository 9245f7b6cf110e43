package dev.cleanroom.operator.trust.sigstore;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The artifact that must have been signed.
 *
 * @param sha256 32 bytes: for an image, the digest of its manifest or index
 * @param content the bytes themselves, for signatures that cannot be checked from a digest; never needed for images
 */
public record Artifact(byte[] sha256, Optional<byte[]> content) {
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    /**
     * @param digest {@code sha256:} and 64 lower-case hexadecimal digits
     * @throws IllegalArgumentException for anything else
     */
    public static Artifact ofDigest(String digest) {
        if (!DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException("not sha256: and 64 lower-case hexadecimal digits: " + digest);
        }
        return new Artifact(HexFormat.of().parseHex(digest, "sha256:".length(), digest.length()), Optional.empty());
    }

    public static Artifact ofContent(byte[] content) {
        return new Artifact(HashAlgorithm.SHA2_256.hash(content), Optional.of(content));
    }

    /**
     * Hashes everything that can be read.
     *
     * @param mostKept the size up to which the content is kept as well; for longer content, only the digest is known
     */
    public static Artifact read(InputStream content, int mostKept) throws IOException {
        byte[] beginning = content.readNBytes(mostKept + 1);
        if (beginning.length <= mostKept) {
            return ofContent(beginning);
        }
        MessageDigest sha256 = HashAlgorithm.SHA2_256.digest();
        sha256.update(beginning);
        content.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
        return new Artifact(sha256.digest(), Optional.empty());
    }

    /** 64 lower-case hexadecimal digits. */
    public String hex() {
        return HexFormat.of().formatHex(sha256).toLowerCase(Locale.ROOT);
    }

    /** Empty if the content would be needed. */
    Optional<byte[]> hash(HashAlgorithm algorithm) {
        return algorithm == HashAlgorithm.SHA2_256 ? Optional.of(sha256) : content.map(algorithm::hash);
    }
}
