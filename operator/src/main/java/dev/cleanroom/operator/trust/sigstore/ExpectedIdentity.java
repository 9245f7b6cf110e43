package dev.cleanroom.operator.trust.sigstore;

import dev.cleanroom.operator.trust.pattern.RegularExpression;

/** One identity that a policy trusts: the issuer and the subject of the certificate. Both must match entirely. */
public record ExpectedIdentity(TextMatch issuer, TextMatch subject) {

    boolean matches(VerificationResult.Signer.CertificateIdentity signer) {
        return issuer.matches(signer.issuer()) && subject.matches(signer.subject());
    }

    /** A text, or a pattern that must match the whole text. */
    public sealed interface TextMatch {
        /** The most characters of a pattern, as in the schema. */
        int MAX_PATTERN = 1000;

        /** A longer issuer or subject matches nothing. */
        int MAX_TEXT = 4096;

        boolean matches(String text);

        record Exactly(String wanted) implements TextMatch {
            @Override
            public boolean matches(String text) {
                return wanted.equals(text);
            }
        }

        /** Uses RE2, so that matching an attacker's text takes linear time. */
        record Matching(RegularExpression pattern) implements TextMatch {
            @Override
            public boolean matches(String text) {
                return text.length() <= MAX_TEXT && pattern.matches(text);
            }
        }

        /** @throws Refusal {@link UnresolvedCode#PatternInvalid} */
        static TextMatch exactly(String wanted) throws Refusal {
            if (wanted.isEmpty()) {
                throw Refusal.unresolved(UnresolvedCode.PatternInvalid, "an issuer or subject is empty");
            }
            return new Exactly(wanted);
        }

        /** @throws Refusal {@link UnresolvedCode#PatternInvalid} */
        static Matching matching(String pattern) throws Refusal {
            if (pattern.isEmpty() || pattern.length() > MAX_PATTERN) {
                throw Refusal.unresolved(
                        UnresolvedCode.PatternInvalid, "a pattern must have 1 to " + MAX_PATTERN + " characters");
            }
            try {
                return new Matching(RegularExpression.compile(pattern));
            } catch (RegularExpression.Refused e) {
                throw Refusal.unresolved(
                        UnresolvedCode.PatternInvalid, Refusal.quote(pattern) + " cannot be used: " + e.getMessage());
            }
        }
    }
}
