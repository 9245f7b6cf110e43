package dev.cleanroom.operator.trust.sigstore;

/**
 * Ends a verification at the first check that fails, with the result. It has no stack trace, since it is not a
 * programming error.
 */
public final class Refusal extends Exception {
    /** How many characters of a hostile text a message shows. */
    static final int MAX_QUOTED = 200;

    private final transient VerificationResult.Refused result;

    private Refusal(VerificationResult.Refused result) {
        super(result.message(), null, false, false);
        this.result = result;
    }

    public static Refusal rejected(RejectionCode code, String message) {
        return new Refusal(new VerificationResult.Rejected(code, message));
    }

    public static Refusal unresolved(UnresolvedCode code, String message) {
        return new Refusal(new VerificationResult.Unresolved(code, message));
    }

    /** A verification that returns a value or throws a refusal. */
    @FunctionalInterface
    public interface Verification<T> {
        T run() throws Refusal;
    }

    /**
     * Never throws, so that hostile bytes cannot stop a reconcile. After an unexpected exception the result is
     * unresolved, and the image does not run.
     */
    public static VerificationResult toResult(Verification<? extends VerificationResult> verification) {
        try {
            return verification.run();
        } catch (Refusal e) {
            return e.result();
        } catch (RuntimeException | StackOverflowError e) {
            return new VerificationResult.Unresolved(
                    UnresolvedCode.VerifierFailed,
                    "the verification failed with " + e.getClass().getName()
                            + ", which is a bug in Cleanroom: please report it");
        }
    }

    public VerificationResult.Refused result() {
        return result;
    }

    /** An untrusted text in quotes, shortened, and without characters that could break a log line or a terminal. */
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
