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
 * What the signature must be about.
 *
 * @param sha256 32 bytes: for an image, the digest of its manifest or index
 * @param content the bytes themselves, where a signature cannot be checked from their digest; nothing needs them for
 *     images
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
     * Hashes all that there is to read.
     *
     * @param mostKept up to how many bytes the content is kept as well; of a longer one, only the digest is known
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

    /** Empty where only the content would tell. */
    Optional<byte[]> hash(HashAlgorithm algorithm) {
        return algorithm == HashAlgorithm.SHA2_256 ? Optional.of(sha256) : content.map(algorithm::hash);
    }
}
