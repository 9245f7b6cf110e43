package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.operator.trust.policy.Policy.Authority;
import dev.cleanroom.operator.trust.sigstore.Expectation;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import dev.cleanroom.operator.trust.sigstore.VerificationResult;
import dev.cleanroom.operator.trust.sigstore.VerificationResult.Signer;
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
    private final Map<Authority, Set<Signer>> signed = new LinkedHashMap<>();
    private final Shortcomings signatures = new Shortcomings();
    private final Map<String, Integer> uncounted = new TreeMap<>();
    private final AttestationTally attestations;

    PolicyTally(Policy policy, Denials denials, Instant now) {
        this.policy = policy;
        this.denials = denials;
        this.attestations = new AttestationTally(policy, denials, now);
    }

    /** One signature or attestation, verified with the expectation of each authority of the policy. */
    interface Proof {
        VerificationResult verify(Authority authority, Expectation expected);

        default VerificationResult verify(Authority authority, Purpose purpose) {
            return verify(authority, new Expectation(authority.signedBy(), purpose, authority.witnesses()));
        }
    }

    /** One that counts as a signature was not meant as an attestation. */
    void bundle(Proof proof) {
        attestations.add(proof, signature(proof));
    }

    /** @return whether it counts */
    boolean signature(Proof proof) {
        var refusals = new Shortcomings();
        boolean counts = false;
        for (Authority authority : policy.authorities()) {
            VerificationResult result = proof.verify(authority, new Purpose.ImageSignature());
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
        return counts;
    }

    void attestation(Proof proof) {
        attestations.add(proof, false);
    }

    static String denied(Signer signer) {
        return "signed by " + Signers.shown(signer) + ", whose signatures are denied";
    }

    /** When the first of the attestations becomes too old. */
    Optional<Instant> until() {
        return attestations.until();
    }

    boolean isMet() {
        return enoughSigned() && attestations.isMet();
    }

    boolean wantsAttestation(String predicateType) {
        return attestations.wants(predicateType);
    }

    boolean enoughSigned() {
        return DistinctSigners.count(signed) >= policy.threshold();
    }

    /** Everyone whose signature or attestation counted, signatures first. */
    List<String> signers() {
        return Stream.concat(signed.values().stream().flatMap(Set::stream), attestations.signers().stream())
                .distinct()
                .map(Signers::shown)
                .toList();
    }

    Policy policy() {
        return policy;
    }

    /** Why this policy does not accept the image. Only for a policy that is not met. */
    Shortcomings.Reason shortcoming() {
        return enoughSigned() ? attestations.shortcoming() : unsigned();
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
                        ? "attest it: cosign attest --type "
                                + attestations.missing().predicateType() + " --predicate FILE "
                        : "sign it: cosign sign ")
                + key
                + image;
    }

    private Shortcomings.Reason unsigned() {
        String enough = attestations.isMet() && !attestations.signers().isEmpty()
                ? ". Its attestations satisfy the policy: if they are enough, an administrator sets spec.threshold of the"
                        + " policy to 0"
                : "";
        if (signed.isEmpty()) {
            String notSigned = "Not signed by " + wantedSigners() + " (policy "
                    + policy.id().name() + "): ";
            Shortcomings.Reason reason = signatures
                    .reason(notSigned)
                    .orElseGet(() -> new Shortcomings.Reason(
                            PolicyCode.SignatureMissing.name(),
                            notSigned + "no signature in a format that the policy accepts is attached to the image",
                            false));
            return new Shortcomings.Reason(reason.code(), reason.message() + enough, reason.unresolved());
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
