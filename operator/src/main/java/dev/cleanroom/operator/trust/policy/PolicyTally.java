package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.operator.trust.policy.Policy.Attestation;
import dev.cleanroom.operator.trust.policy.Policy.Authority;
import dev.cleanroom.operator.trust.sigstore.Expectation;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import dev.cleanroom.operator.trust.sigstore.Statement;
import dev.cleanroom.operator.trust.sigstore.VerificationResult;
import dev.cleanroom.operator.trust.sigstore.VerificationResult.Signer;
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

/** The result of one policy for one image so far: who signed, what was attested, and why other proofs did not count. */
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

    /** One signature or attestation, verified with the expectation of each authority of the policy. */
    interface Proof {
        VerificationResult verify(Authority authority, Expectation expected);
    }

    void signature(Proof proof) {
        var refusals = new Shortcomings();
        boolean counts = false;
        for (Authority authority : policy.authorities()) {
            VerificationResult result = ask(proof, authority, new Purpose.ImageSignature());
            switch (result) {
                case VerificationResult.Accepted accepted
                when denials.denies(accepted.signer()) ->
                    refusals.add(PolicyCode.SignerDenied.name(), denied(accepted.signer()));
                case VerificationResult.Accepted accepted -> {
                    signed.computeIfAbsent(authority, key -> new LinkedHashSet<>())
                            .add(accepted.signer());
                    counts = true;
                }
                case VerificationResult.Refused refused -> refusals.add(refused);
            }
        }
        signatures.add(refusals);
        // An attestation was not meant as a signature, so it is not listed among those that do not count.
        if (!counts && !refusals.has(RejectionCode.PredicateTypeUnexpected.name())) {
            refusals.reason("").ifPresent(why -> uncounted.merge(why.code(), 1, Integer::sum));
        }
    }

    void attestation(Proof proof) {
        for (Attestation wanted : policy.demands().attestations()) {
            if (attested.contains(wanted)) {
                continue;
            }
            for (Authority authority : wanted.authorities()) {
                VerificationResult result = ask(proof, authority, new Purpose.Attestation(wanted.predicateType()));
                Shortcomings why = attestations.computeIfAbsent(wanted, key -> new Shortcomings());
                if (result instanceof VerificationResult.Refused refused) {
                    why.add(refused);
                } else if (result instanceof VerificationResult.Accepted accepted && holds(wanted, accepted, why)) {
                    attested.add(wanted);
                    until = Stream.concat(until.stream(), tooOldAt(wanted, accepted).stream())
                            .min(Instant::compareTo);
                    break;
                }
            }
        }
    }

    private static VerificationResult ask(Proof proof, Authority authority, Purpose purpose) {
        return proof.verify(authority, new Expectation(authority.signedBy(), purpose, authority.witnesses()));
    }

    private boolean holds(Attestation wanted, VerificationResult.Accepted accepted, Shortcomings why) {
        if (denials.denies(accepted.signer())) {
            why.add(PolicyCode.SignerDenied.name(), denied(accepted.signer()));
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

    /** Why this policy does not accept the image. Only for a policy that is not met. */
    Shortcomings.Reason shortcoming() {
        if (!enoughSigned()) {
            return unsigned();
        }
        Attestation missing = missing();
        String what = "Attestation " + missing.name() + " (" + missing.predicateType() + ") ";
        return attestations
                .getOrDefault(missing, new Shortcomings())
                .without(RejectionCode.PredicateTypeUnexpected.name())
                .reason(what + "does not satisfy policy " + policy.id().name() + ": ")
                .orElseGet(() -> new Shortcomings.Reason(
                        PolicyCode.AttestationMissing.name(),
                        what + "is missing, and policy " + policy.id().name() + " requires it",
                        false));
    }

    /**
     * What a person can do about it, ending with a command.
     *
     * @param image repository and digest
     */
    String remedy(String image) {
        boolean byKey =
                policy.authorities().stream().anyMatch(authority -> authority.signedBy() instanceof SignedBy.Key);
        String key = byKey ? "--key KEY " : "";
        return "Use an image that policy accepts, or have its owner "
                + (enoughSigned()
                        ? "attest it: cosign attest --type " + missing().predicateType() + " --predicate FILE "
                        : "sign it: cosign sign ")
                + key
                + image;
    }

    private Attestation missing() {
        return policy.demands().attestations().stream()
                .filter(wanted -> !attested.contains(wanted))
                .findFirst()
                .orElseThrow();
    }

    private Shortcomings.Reason unsigned() {
        if (signed.isEmpty()) {
            String notSigned = "Not signed by " + wantedSigners() + " (policy "
                    + policy.id().name() + "): ";
            return signatures
                    .reason(notSigned)
                    .orElseGet(() -> new Shortcomings.Reason(
                            PolicyCode.SignatureMissing.name(),
                            notSigned + "no signature in a format that the policy accepts is attached to the image",
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
        int count = DistinctSigners.count(signed);
        return signatures
                .undecided("A signature could not be checked for policy "
                        + policy.id().name() + ": ")
                .orElseGet(() -> new Shortcomings.Reason(
                        PolicyCode.ThresholdNotMet.name(),
                        "Policy " + policy.id().name() + " requires " + policy.threshold() + " signatures, of which "
                                + count + (count == 1 ? " was" : " were") + " found, by "
                                + String.join(", ", signers()) + "; " + who + others(),
                        false));
    }

    private String wantedSigners() {
        List<String> names = policy.authorities().stream().map(Authority::name).toList();
        return policy.threshold() == names.size()
                ? String.join(" and ", names)
                : policy.threshold() == 1
                        ? String.join(" or ", names)
                        : policy.threshold() + " of " + String.join(", ", names);
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
