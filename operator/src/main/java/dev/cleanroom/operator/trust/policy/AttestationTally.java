package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.operator.trust.policy.Policy.Attestation;
import dev.cleanroom.operator.trust.policy.Policy.Authority;
import dev.cleanroom.operator.trust.policy.PolicyTally.Proof;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import dev.cleanroom.operator.trust.sigstore.Statement;
import dev.cleanroom.operator.trust.sigstore.VerificationResult;
import dev.cleanroom.operator.trust.sigstore.VerificationResult.Signer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which of a policy's attestations were found for one image so far, and why others did not count. */
final class AttestationTally {
    /** The most statements of other types that a message shows. */
    private static final int MOST_OTHER_TYPES = 3;

    private final Policy policy;
    private final Denials denials;
    private final Instant now;
    private final Map<Attestation, Signer> attested = new LinkedHashMap<>();
    private final Map<Attestation, Shortcomings> shortcomings = new LinkedHashMap<>();
    private final Map<Attestation, Set<String>> otherTypes = new LinkedHashMap<>();
    private Optional<Instant> until = Optional.empty();

    AttestationTally(Policy policy, Denials denials, Instant now) {
        this.policy = policy;
        this.denials = denials;
        this.now = now;
    }

    private List<Attestation> wanted() {
        return policy.demands().attestations();
    }

    /** @param counted whether the proof is something else that the policy requires, so that it is not a wrong attestation */
    void add(Proof proof, boolean counted) {
        Map<Attestation, Shortcomings> refusals = new LinkedHashMap<>();
        boolean counts = counted;
        for (Attestation wanted : wanted()) {
            if (!attested.containsKey(wanted)) {
                Shortcomings why = new Shortcomings();
                refusals.put(wanted, why);
                counts |= add(proof, wanted, why);
            }
        }
        if (!counts) {
            refusals.forEach((wanted, why) -> shortcomings
                    .computeIfAbsent(wanted, key -> new Shortcomings())
                    .add(why));
        }
    }

    private boolean add(Proof proof, Attestation wanted, Shortcomings why) {
        for (Authority authority : wanted.authorities()) {
            VerificationResult result = proof.verify(authority, new Purpose.Attestation(wanted.predicateType()));
            if (result instanceof VerificationResult.Refused refused) {
                why.add(refused);
                otherType(wanted, refused);
            } else if (result instanceof VerificationResult.Accepted accepted && holds(wanted, accepted, why)) {
                attested.put(wanted, accepted.signer());
                until = Stream.concat(until.stream(), tooOldAt(wanted, accepted).stream())
                        .min(Instant::compareTo);
                return true;
            }
        }
        return false;
    }

    /** A valid statement of another type may have been meant. A signature of the image was not. */
    private void otherType(Attestation wanted, VerificationResult.Refused refused) {
        if (refused.reason().equals(RejectionCode.PredicateTypeUnexpected.name())
                && !refused.message().contains(Purpose.ImageSignature.PREDICATE_TYPE)) {
            Set<String> found = otherTypes.computeIfAbsent(wanted, key -> new LinkedHashSet<>());
            if (found.size() < MOST_OTHER_TYPES) {
                found.add(refused.message());
            }
        }
    }

    private boolean holds(Attestation wanted, VerificationResult.Accepted accepted, Shortcomings why) {
        if (denials.denies(accepted.signer())) {
            why.add(PolicyCode.SignerDenied.name(), PolicyTally.denied(accepted.signer()));
            return false;
        }
        if (wanted.maxAge().isPresent() && !isYoung(wanted.maxAge().get(), accepted.times(), why)) {
            return false;
        }
        if (wanted.check().isEmpty()) {
            return true;
        }
        return switch (wanted.check()
                .get()
                .answer(accepted.statement().map(Statement::predicate).orElseThrow())) {
            case PredicateCheck.Answer.Yes() -> true;
            case PredicateCheck.Answer.No(var message) -> {
                why.add(PolicyCode.PredicateRefused.name(), message);
                yield false;
            }
            case PredicateCheck.Answer.Unknown(var message) -> {
                why.addUndecided(PolicyCode.EvaluationTimedOut.name(), message);
                yield false;
            }
        };
    }

    /** The earliest time counts: a new timestamp does not make an old statement more recent. */
    private boolean isYoung(Duration maxAge, List<Instant> times, Shortcomings why) {
        Optional<Instant> made = made(times);
        if (made.isEmpty()) {
            why.add(
                    PolicyCode.AttestationTimeUnknown.name(),
                    "no trusted log or timestamp proves when it was made, and the policy sets maxAge; signatures"
                            + " with a key"
                            + " have no such time");
            return false;
        }
        if (made.get().plus(maxAge).isBefore(now)) {
            why.add(
                    PolicyCode.AttestationTooOld.name(),
                    "it was made at " + made.get() + ", which is longer ago than maxAge");
            return false;
        }
        return true;
    }

    private static Optional<Instant> made(List<Instant> times) {
        return times.stream().min(Instant::compareTo);
    }

    private static Optional<Instant> tooOldAt(Attestation wanted, VerificationResult.Accepted accepted) {
        return wanted.maxAge().flatMap(maxAge -> made(accepted.times()).map(made -> made.plus(maxAge)));
    }

    /** When the first of the attestations becomes too old. */
    Optional<Instant> until() {
        return until;
    }

    boolean isMet() {
        return attested.size() == wanted().size();
    }

    boolean wants(String predicateType) {
        return wanted().stream()
                .anyMatch(wanted -> wanted.predicateType().equals(predicateType) && !attested.containsKey(wanted));
    }

    /** Who signed those that count. */
    Collection<Signer> signers() {
        return attested.values();
    }

    /** The first that is missing. Only while some are. */
    Attestation missing() {
        return wanted().stream()
                .filter(wanted -> !attested.containsKey(wanted))
                .findFirst()
                .orElseThrow();
    }

    /** Why the first that is missing was not found. */
    Shortcomings.Reason shortcoming() {
        Attestation missing = missing();
        String what = "Attestation " + missing.name() + " (" + missing.predicateType() + ") by "
                + missing.authorities().stream().map(Authority::name).collect(Collectors.joining(" or ")) + " ";
        Set<String> others = otherTypes.getOrDefault(missing, Set.of());
        return shortcomings
                .getOrDefault(missing, new Shortcomings())
                .without(RejectionCode.PredicateTypeUnexpected.name())
                .reason(what + "does not satisfy policy " + policy.id().name() + ": ")
                .orElseGet(() -> new Shortcomings.Reason(
                        PolicyCode.AttestationMissing.name(),
                        what + "is missing, and policy " + policy.id().name() + " requires it"
                                + (others.isEmpty() ? "" : ". Another was found: " + String.join("; ", others)),
                        false));
    }
}
