package dev.cleanroom.operator.trust.sigstore;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What one piece of evidence amounts to. */
public sealed interface Verdict {

    /**
     * The signature holds.
     *
     * @param entries where it was logged; empty when no log was asked for
     * @param times every trusted time at which the signature existed, in the order of the evidence; empty only by key
     * @param statement what was stated about the artifact; empty for a signature over the artifact itself
     */
    record Accepted(Signer signer, List<LoggedEntry> entries, List<Instant> times, Optional<Statement> statement)
            implements Verdict {
        public Accepted {
            entries = List.copyOf(entries);
            times = List.copyOf(times);
        }
    }

    /** Not accepted, and why. Messages are one line, and quote what is hostile cut short. */
    sealed interface Refused extends Verdict {
        String reason();

        String message();
    }

    /** The evidence says no. */
    record Rejected(RejectionCode code, String message) implements Refused {
        @Override
        public String reason() {
            return code.name();
        }
    }

    /** Nothing is known. */
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

        /** An identity that a certificate authority of the trust root vouched for. */
        record Identity(String issuer, String subject) implements Signer {}
    }

    /**
     * An entry that was proven to be in a log.
     *
     * @param log the log's address in the trust root
     * @param index as signed by the log: the entry's place
     */
    record LoggedEntry(String log, long index) {}
}
