package dev.cleanroom.operator.trust.registry;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The SHA-256 of content (OCI image specification 1.1, descriptor.md, "Digests"). Other algorithms are not supported:
 * no signature that is verified here uses them.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Digest(String hex) {
    private static final String PREFIX = "sha256:";
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    public Digest {
        if (!HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("not 64 lower-case hexadecimal digits");
        }
    }

    /** Empty for what is not exactly {@code sha256:} and 64 lower-case hexadecimal digits. */
    public static Optional<Digest> parse(String text) {
        String hex = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : "";
        return HEX.matcher(hex).matches() ? Optional.of(new Digest(hex)) : Optional.empty();
    }

    public static Digest of(byte[] content) {
        MessageDigest sha256 = newSha256();
        sha256.update(content);
        return finish(sha256);
    }

    static Digest finish(MessageDigest sha256) {
        return new Digest(HexFormat.of().formatHex(sha256.digest()));
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * The tag under which registries without the referrers API have the list of referrers (OCI distribution 1.1,
     * "Referrers Tag Schema").
     */
    public String referrersTag() {
        return "sha256-" + hex;
    }

    /**
     * The tag under which cosign before version 3 stores signatures (cosign, SIGNATURE_SPEC.md, "Tag-based discovery").
     */
    public String legacySignatureTag() {
        return referrersTag() + ".sig";
    }

    /** The tag under which cosign before version 3 stores attestations. */
    public String legacyAttestationTag() {
        return referrersTag() + ".att";
    }

    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
