package dev.cleanroom.operator.trust.sigstore;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The result of verifying one signature or attestation. */
public sealed interface VerificationResult {

    /**
     * The signature is valid.
     *
     * @param entries the log entries; empty when no log was required
     * @param times all trusted times at which the signature existed, in the order of logs and timestamps; empty only
     *     for a key
     * @param statement the statement about the artifact; empty for a signature over the artifact itself
     */
    record Accepted(Signer signer, List<LoggedEntry> entries, List<Instant> times, Optional<Statement> statement)
            implements VerificationResult {
        public Accepted {
            entries = List.copyOf(entries);
            times = List.copyOf(times);
        }
    }

    /** Not accepted, and why. A message is one line, and quotes hostile text in shortened form. */
    sealed interface Refused extends VerificationResult {
        String reason();

        String message();
    }

    /** The signature or attestation is not valid, or not what was required. */
    record Rejected(RejectionCode code, String message) implements Refused {
        @Override
        public String reason() {
            return code.name();
        }
    }

    /** It could not be verified. */
    record Unresolved(UnresolvedCode code, String message) implements Refused {
        @Override
        public String reason() {
            return code.name();
        }
    }

    /** Who signed. Two signatures of equal signers count once. */
    sealed interface Signer {
        /** @param fingerprint SHA-256 over the SubjectPublicKeyInfo, 64 lower-case hexadecimal digits */
        record Key(String fingerprint) implements Signer {}

        /** The identity in a certificate by an authority of the trust root. */
        record CertificateIdentity(String issuer, String subject) implements Signer {}
    }

    /**
     * An entry of a log, verified.
     *
     * @param log the log's address in the trust root
     * @param index the entry's index, as the log signed it
     */
    record LoggedEntry(String log, long index) {}
}
