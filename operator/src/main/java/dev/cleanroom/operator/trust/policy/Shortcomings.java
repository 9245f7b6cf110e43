package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import dev.cleanroom.operator.trust.sigstore.Verdict;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Why pieces of evidence did not count. One is told: of several, the one that came closest; the others by their codes. */
final class Shortcomings {
    /** Codes that are told apart; hostile evidence can fail in many ways at once. */
    private static final int MOST_CODES = 100;

    private final Map<String, String> messages = new LinkedHashMap<>();
    private Optional<Verdict.Unresolved> undecided = Optional.empty();

    /** @param unresolved nothing was decided: it may count once that is mended */
    record Told(String code, String message, boolean unresolved) {}

    void add(String code, String message) {
        if (messages.size() < MOST_CODES) {
            messages.putIfAbsent(code, message);
        }
    }

    void add(Verdict.Refused refused) {
        if (undecided.isEmpty() && refused instanceof Verdict.Unresolved unresolved) {
            undecided = Optional.of(unresolved);
        }
        add(refused.reason(), refused.message());
    }

    void add(Shortcomings others) {
        others.messages.forEach(this::add);
        undecided = undecided.or(() -> others.undecided);
    }

    /** Where something was not decided, that is what is told: what it would have been may be what is missing. */
    Optional<Told> undecided(String prefix) {
        return undecided.map(why -> new Told(why.reason(), prefix + why.message(), true));
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

    Optional<Told> told(String prefix) {
        return undecided(prefix).or(() -> closest(prefix));
    }

    private Optional<Told> closest(String prefix) {
        return messages.entrySet().stream()
                .max(Comparator.comparingInt(entry -> closeness(entry.getKey())))
                .map(closest ->
                        new Told(closest.getKey(), prefix + closest.getValue() + others(closest.getKey()), false));
    }

    private String others(String told) {
        String rest = String.join(
                ", ",
                messages.keySet().stream().filter(code -> !code.equals(told)).toList());
        return rest.isEmpty() ? "" : " (other signatures: " + rest + ")";
    }

    /** How far the verification came: whose signature holds but for its identity is nearer than who has another key. */
    private static int closeness(String code) {
        for (RejectionCode known : RejectionCode.values()) {
            if (known.name().equals(code)) {
                return known == RejectionCode.IdentityMismatch ? RejectionCode.values().length : known.ordinal();
            }
        }
        return Integer.MAX_VALUE; // of the policy itself, or undecided: all of the signature was well
    }
}
