package dev.cleanroom.operator.trust.sigstore;

/** Ends a verification at the first check that fails. Carries the verdict; has no stack, since it is no error of ours. */
public final class Refusal extends Exception {
    /** How much of a hostile text a message shows. */
    static final int MAX_QUOTED = 200;

    private final transient Verdict.Refused verdict;

    private Refusal(Verdict.Refused verdict) {
        super(verdict.message(), null, false, false);
        this.verdict = verdict;
    }

    public static Refusal rejected(RejectionCode code, String message) {
        return new Refusal(new Verdict.Rejected(code, message));
    }

    public static Refusal unresolved(UnresolvedCode code, String message) {
        return new Refusal(new Verdict.Unresolved(code, message));
    }

    /** A verification that ends in a verdict or in a refusal. */
    @FunctionalInterface
    public interface Verification<T> {
        T run() throws Refusal;
    }

    /** Never throws: a failure of ours is nothing decided, closed and told, and no hostile byte ends a reconcile. */
    public static Verdict toVerdict(Verification<? extends Verdict> verification) {
        try {
            return verification.run();
        } catch (Refusal e) {
            return e.verdict();
        } catch (RuntimeException | StackOverflowError e) {
            return new Verdict.Unresolved(
                    UnresolvedCode.VerifierFailed,
                    "the verifier failed: " + e.getClass().getName());
        }
    }

    public Verdict.Refused verdict() {
        return verdict;
    }

    /** A text from outside in quotes: cut short, and without what could break a log line or a terminal. */
    public static String quote(String hostile) {
        int end = Math.min(hostile.length(), MAX_QUOTED);
        var shown = new StringBuilder("\"");
        for (int i = 0; i < end; i++) {
            char c = hostile.charAt(i);
            shown.append(c < ' ' || c > '~' || c == '"' ? '?' : c);
        }
        return shown.append(end < hostile.length() ? "...\"" : "\"").toString();
    }
}
