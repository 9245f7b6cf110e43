package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.operator.trust.policy.Policy.Attestation;
import dev.cleanroom.operator.trust.policy.Policy.Authority;
import dev.cleanroom.operator.trust.sigstore.Expectation;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import dev.cleanroom.operator.trust.sigstore.Statement;
import dev.cleanroom.operator.trust.sigstore.Verdict;
import dev.cleanroom.operator.trust.sigstore.Verdict.Signer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What one policy has seen of the evidence about one image: who signed, what was attested, and why the rest did not count. */
final class PolicyTally {
    private final Policy policy;
    private final Denials denials;
    private final Instant now;
    private final Map<Authority, Set<Signer>> signed = new LinkedHashMap<>();
    private final Set<Attestation> attested = new LinkedHashSet<>();
    private Optional<Instant> until = Optional.empty();
    private final Shortcomings signatures = new Shortcomings();
    private final Map<String, Integer> uncounted = new TreeMap<>();
    private final Map<Attestation, Shortcomings> attestations = new LinkedHashMap<>();

    PolicyTally(Policy policy, Denials denials, Instant now) {
        this.policy = policy;
        this.denials = denials;
        this.now = now;
    }

    /** One signature or statement, asked with each expectation that some authority of the policy has. */
    interface Evidenced {
        Verdict verify(Authority authority, Expectation expected);
    }

    void signature(Evidenced evidence) {
        var refusals = new Shortcomings();
        boolean counts = false;
        for (Authority authority : policy.authorities()) {
            Verdict verdict = ask(evidence, authority, new Purpose.ImageSignature());
            switch (verdict) {
                case Verdict.Accepted accepted
                when denials.denies(accepted.signer()) ->
                    refusals.add(PolicyCode.SignerDenied.name(), denied(accepted.signer()));
                case Verdict.Accepted accepted -> {
                    signed.computeIfAbsent(authority, key -> new LinkedHashSet<>())
                            .add(accepted.signer());
                    counts = true;
                }
                case Verdict.Refused refused -> refusals.add(refused);
            }
        }
        signatures.add(refusals);
        // An attestation is none that was meant to be one.
        if (!counts && !refusals.has(RejectionCode.PredicateTypeUnexpected.name())) {
            refusals.told("").ifPresent(why -> uncounted.merge(why.code(), 1, Integer::sum));
        }
    }

    void attestation(Evidenced evidence) {
        for (Attestation wanted : policy.demands().attestations()) {
            if (attested.contains(wanted)) {
                continue;
            }
            for (Authority authority : wanted.authorities()) {
                Verdict verdict = ask(evidence, authority, new Purpose.Attestation(wanted.predicateType()));
                Shortcomings why = attestations.computeIfAbsent(wanted, key -> new Shortcomings());
                if (verdict instanceof Verdict.Refused refused) {
                    why.add(refused);
                } else if (verdict instanceof Verdict.Accepted accepted && holds(wanted, accepted, why)) {
                    attested.add(wanted);
                    until = Stream.concat(until.stream(), tooOldAt(wanted, accepted).stream())
                            .min(Instant::compareTo);
                    break;
                }
            }
        }
    }

    private static Verdict ask(Evidenced evidence, Authority authority, Purpose purpose) {
        return evidence.verify(authority, new Expectation(authority.signedBy(), purpose, authority.witnesses()));
    }

    private boolean holds(Attestation wanted, Verdict.Accepted accepted, Shortcomings why) {
        if (denials.denies(accepted.signer())) {
            why.add(PolicyCode.SignerDenied.name(), denied(accepted.signer()));
            return false;
        }
        if (wanted.maxAge().isPresent() && !isYoung(wanted.maxAge().get(), accepted.times(), why)) {
            return false;
        }
        Optional<String> refusal = wanted.check()
                .flatMap(check -> check.refusal(
                        accepted.statement().map(Statement::predicate).orElseThrow()));
        refusal.ifPresent(reason -> why.add(PolicyCode.PredicateRefused.name(), reason));
        return refusal.isEmpty();
    }

    /** The earliest time counts: whoever stamps an old statement again does not make it younger. */
    private boolean isYoung(Duration maxAge, List<Instant> times, Shortcomings why) {
        Optional<Instant> made = made(times);
        if (made.isEmpty()) {
            why.add(
                    PolicyCode.AttestationTimeUnknown.name(),
                    "nobody trusted says when it was made, and maxAge asks; signatures by key alone have no such time");
            return false;
        }
        if (made.get().plus(maxAge).isBefore(now)) {
            why.add(
                    PolicyCode.AttestationTooOld.name(),
                    "it was made at " + made.get() + ", longer ago than maxAge; attest again");
            return false;
        }
        return true;
    }

    private static Optional<Instant> made(List<Instant> times) {
        return times.stream().min(Instant::compareTo);
    }

    private static Optional<Instant> tooOldAt(Attestation wanted, Verdict.Accepted accepted) {
        return wanted.maxAge().flatMap(maxAge -> made(accepted.times()).map(made -> made.plus(maxAge)));
    }

    private static String denied(Signer signer) {
        return "signed by " + Signers.shown(signer) + ", whose signatures are denied";
    }

    /** When the first of the attestations becomes too old. */
    Optional<Instant> until() {
        return until;
    }

    boolean isMet() {
        return enoughSigned()
                && attested.size() == policy.demands().attestations().size();
    }

    boolean wantsAttestation(String predicateType) {
        return policy.demands().attestations().stream()
                .anyMatch(wanted -> wanted.predicateType().equals(predicateType) && !attested.contains(wanted));
    }

    boolean enoughSigned() {
        return DistinctSigners.count(signed) >= policy.threshold();
    }

    List<String> signers() {
        return signed.values().stream()
                .flatMap(Set::stream)
                .distinct()
                .map(Signers::shown)
                .toList();
    }

    Policy policy() {
        return policy;
    }

    /** Why a policy that is not met is not. */
    Shortcomings.Told shortcoming() {
        if (!enoughSigned()) {
            return unsigned();
        }
        Attestation missing = policy.demands().attestations().stream()
                .filter(wanted -> !attested.contains(wanted))
                .findFirst()
                .orElseThrow();
        String what = "attestation " + missing.name() + " (" + missing.predicateType() + ")";
        return attestations
                .getOrDefault(missing, new Shortcomings())
                .without(RejectionCode.PredicateTypeUnexpected.name())
                .told(what + ": ")
                .orElseGet(() -> new Shortcomings.Told(
                        PolicyCode.AttestationMissing.name(),
                        "there is no " + what + " about this image; make it with: cosign attest",
                        false));
    }

    private Shortcomings.Told unsigned() {
        if (signed.isEmpty()) {
            return signatures
                    .told("")
                    .orElseGet(() -> new Shortcomings.Told(
                            PolicyCode.SignatureMissing.name(),
                            "there is no signature of this image in a format that the policy accepts; sign it with: cosign sign",
                            false));
        }
        List<String> missing = new ArrayList<>();
        for (Authority authority : policy.authorities()) {
            if (!signed.containsKey(authority)) {
                missing.add(authority.name());
            }
        }
        String who = missing.isEmpty()
                ? "authorities that name the same signer count once"
                : "not signed by: " + String.join(", ", missing);
        return signatures
                .undecided("")
                .orElseGet(() -> new Shortcomings.Told(
                        PolicyCode.ThresholdNotMet.name(),
                        DistinctSigners.count(signed) + " of the " + policy.threshold()
                                + " signatures that it takes, by " + String.join(", ", signers()) + "; " + who
                                + others(),
                        false));
    }

    private String others() {
        return uncounted.isEmpty()
                ? ""
                : "; signatures that do not count: "
                        + uncounted.entrySet().stream()
                                .map(entry -> entry.getValue() + " " + entry.getKey())
                                .collect(Collectors.joining(", "));
    }
}
