package dev.cleanroom.operator.trust.sigstore;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/** One identity a policy trusts: who vouched for it, and who it is. Both must match whole. */
public record Identity(TextMatch issuer, TextMatch subject) {

    boolean matches(Verdict.Signer.Identity signer) {
        return issuer.matches(signer.issuer()) && subject.matches(signer.subject());
    }

    /** How a text must be. */
    public sealed interface TextMatch {
        /** A pattern's source; programs of RE2 grow with it. */
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

        /** RE2, so that no text of an attacker takes more than linear time. */
        record Matching(Pattern pattern) implements TextMatch {
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
        static TextMatch matching(String pattern) throws Refusal {
            if (pattern.isEmpty() || pattern.length() > MAX_PATTERN) {
                throw Refusal.unresolved(
                        UnresolvedCode.PatternInvalid, "a pattern must have 1 to " + MAX_PATTERN + " characters");
            }
            try {
                return new Matching(Pattern.compile(pattern));
            } catch (PatternSyntaxException e) {
                throw Refusal.unresolved(
                        UnresolvedCode.PatternInvalid,
                        Refusal.quote(pattern) + " is not a regular expression of RE2: " + e.getDescription());
            }
        }
    }
}
