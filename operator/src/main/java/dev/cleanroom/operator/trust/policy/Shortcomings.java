package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import dev.cleanroom.operator.trust.sigstore.VerificationResult;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Why proofs did not count. One reason is shown with its message: the one of the proof that came closest. The others
 * are shown by their codes.
 */
final class Shortcomings {
    /** The most codes that are kept; hostile proofs can fail in many ways. */
    private static final int MOST_CODES = 100;

    private final Map<String, String> messages = new LinkedHashMap<>();
    private Optional<Reason> undecided = Optional.empty();

    /** @param unresolved nothing was decided: the proof may count once the cause is repaired */
    record Reason(String code, String message, boolean unresolved) {}

    void add(String code, String message) {
        if (messages.size() < MOST_CODES) {
            messages.putIfAbsent(code, message);
        }
    }

    void add(VerificationResult.Refused refused) {
        if (refused instanceof VerificationResult.Unresolved unresolved) {
            addUndecided(unresolved.reason(), unresolved.message());
        } else {
            add(refused.reason(), refused.message());
        }
    }

    /** The proof may count when it is looked at again. */
    void addUndecided(String code, String message) {
        if (undecided.isEmpty()) {
            undecided = Optional.of(new Reason(code, message, true));
        }
        add(code, message);
    }

    void add(Shortcomings others) {
        others.messages.forEach(this::add);
        undecided = undecided.or(() -> others.undecided);
    }

    /** If a proof could not be checked, that is the reason shown: it may be the missing one. */
    Optional<Reason> undecided(String prefix) {
        return undecided.map(why -> new Reason(why.code(), prefix + why.message(), true));
    }

    boolean has(String code) {
        return messages.containsKey(code);
    }

    Shortcomings without(String code) {
        var rest = new Shortcomings();
        rest.messages.putAll(messages);
        rest.messages.remove(code);
        rest.undecided = undecided;
        return rest;
    }

    Optional<Reason> reason(String prefix) {
        return undecided(prefix).or(() -> closest(prefix));
    }

    private Optional<Reason> closest(String prefix) {
        return messages.entrySet().stream()
                .max(Comparator.comparingInt(entry -> closeness(entry.getKey())))
                .map(closest ->
                        new Reason(closest.getKey(), prefix + closest.getValue() + others(closest.getKey()), false));
    }

    private String others(String shown) {
        String rest = String.join(
                ", ",
                messages.keySet().stream().filter(code -> !code.equals(shown)).toList());
        return rest.isEmpty() ? "" : " (other signatures: " + rest + ")";
    }

    /**
     * How far the verification came. A valid signature of another identity is closer than a signature with another key.
     */
    private static int closeness(String code) {
        for (RejectionCode known : RejectionCode.values()) {
            if (known.name().equals(code)) {
                return known == RejectionCode.IdentityMismatch ? RejectionCode.values().length : known.ordinal();
            }
        }
        return Integer.MAX_VALUE; // a code of the policy itself: the signature was valid
    }
}
