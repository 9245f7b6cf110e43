package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.operator.trust.sigstore.VerificationResult.Signer;

/** Formats signers for people, and compares them with what people write. */
final class Signers {
    private static final String DIGEST = "sha256:";
    private static final int MOST_CHARACTERS = 1_000;

    private Signers() {}

    /** A signer as the status shows it: one line of printable characters, even for a hostile certificate. */
    static String shown(Signer signer) {
        return switch (signer) {
            case Signer.Key(var fingerprint) -> "key " + DIGEST + fingerprint;
            case Signer.CertificateIdentity(var issuer, var subject) -> printable(subject + " (" + issuer + ")");
        };
    }

    static boolean isKey(Signer signer, String digest) {
        return signer instanceof Signer.Key(var fingerprint) && digest.equals(DIGEST + fingerprint);
    }

    private static String printable(String text) {
        String line = text.replaceAll("[^\\x20-\\x7e]", "?");
        return line.length() <= MOST_CHARACTERS ? line : line.substring(0, MOST_CHARACTERS);
    }
}
