package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.v1alpha1.TrustPolicySpec.Format;
import dev.cleanroom.operator.trust.cosign.LegacySignature;
import dev.cleanroom.operator.trust.cosign.LegacyVerifier;
import dev.cleanroom.operator.trust.registry.Repository;
import dev.cleanroom.operator.trust.sigstore.Artifact;
import dev.cleanroom.operator.trust.sigstore.BundleVerifier;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Decides about one image by the policies that match it, one proof at a time. Only what a proof shows is kept, so that
 * artifacts which an attacker adds take time but no memory. Every policy must be satisfied.
 */
public final class Tally {
    private final List<PolicyTally> policies;
    private final Repository repository;
    private final Artifact image;
    private final Clock clock;
    private final Map<String, Integer> unusable = new TreeMap<>();
    private String note = "";

    /** A policy that accepted, and who signed. */
    public record Acceptance(Policy.Id policy, List<String> signers) {}

    /** The decision after all proofs were read. */
    public sealed interface Conclusion {
        /** @param until when a required attestation becomes too old; empty when none does */
        record Accepted(List<Acceptance> policies, Optional<Instant> until) implements Conclusion {}

        /** @param by every policy that the attached proofs do not satisfy; the message is about the first */
        record Rejected(String code, String message, Set<Policy.Id> by) implements Conclusion {}

        /** Nothing could be decided. It is tried again. */
        record Unresolved(String code, String message) implements Conclusion {}
    }

    public Tally(List<Policy> policies, Denials denials, Repository repository, Artifact image, Clock clock) {
        if (policies.isEmpty()) {
            throw new IllegalArgumentException(
                    "without a policy nothing can be accepted; the caller must decide NoMatchingPolicy");
        }
        this.policies = policies.stream()
                .map(policy -> new PolicyTally(policy, denials, clock.instant()))
                .toList();
        this.repository = repository;
        this.image = image;
        this.clock = clock;
    }

    public void bundle(byte[] bundle) {
        for (PolicyTally tally : accepting(Format.bundle)) {
            PolicyTally.Proof proof = (authority, expected) ->
                    new BundleVerifier(authority.root(), clock).verify(bundle, image, expected);
            tally.bundle(proof);
        }
    }

    public void legacySignature(LegacySignature signature) {
        accepting(Format.cosign).forEach(tally -> tally.signature(legacy(signature)));
    }

    public void legacyAttestation(LegacySignature attestation) {
        accepting(Format.cosign).forEach(tally -> tally.attestation(legacy(attestation)));
    }

    private PolicyTally.Proof legacy(LegacySignature signature) {
        return (authority, expected) ->
                new LegacyVerifier(authority.root(), clock, Optional.empty()).verify(signature, image, expected);
    }

    private List<PolicyTally> accepting(Format format) {
        return policies.stream().filter(tally -> tally.policy().accepts(format)).toList();
    }

    /** Whether proofs in the format can still change the decision. */
    public boolean wants(Format format) {
        return accepting(format).stream().anyMatch(tally -> !tally.isMet());
    }

    public boolean wantsAttestations() {
        return policies.stream()
                .anyMatch(tally -> !tally.policy().demands().attestations().isEmpty() && !tally.isMet());
    }

    public boolean wantsSignatures() {
        return policies.stream().anyMatch(tally -> !tally.enoughSigned());
    }

    /** Whether some attestation of this type is still missing. */
    public boolean wantsAttestation(String predicateType) {
        return policies.stream().anyMatch(tally -> tally.wantsAttestation(predicateType));
    }

    /**
     * Counts artifacts that are not proofs, by the reason. They are shown if a proof is missing, since one of them may
     * have been meant as that proof.
     */
    public void unusable(String code, int pieces) {
        if (pieces > 0) {
            unusable.merge(code, pieces, Integer::sum);
        }
    }

    /** Adds to the message of a rejection what the proofs do not say, such as what else was found. */
    public void note(String found) {
        note = ". " + found;
    }

    /** @param unread why some attached proofs could not be read; a missing proof may be among them */
    public Conclusion conclude(Optional<Unread> unread) {
        for (PolicyTally tally : policies) {
            if (tally.isMet()) {
                continue;
            }
            Shortcomings.Reason reason = tally.shortcoming();
            if (unread.isPresent()) {
                return new Conclusion.Unresolved(
                        unread.get().code(),
                        "not all signatures and attestations could be read: "
                                + unread.get().message());
            }
            return reason.unresolved()
                    ? new Conclusion.Unresolved(reason.code(), reason.message())
                    : new Conclusion.Rejected(
                            reason.code(),
                            reason.message() + unusable() + note + ". "
                                    + tally.remedy(repository + "@sha256:" + image.hex()),
                            rejecting());
        }
        return new Conclusion.Accepted(
                policies.stream()
                        .map(tally -> new Acceptance(tally.policy().id(), tally.signers()))
                        .toList(),
                policies.stream().flatMap(tally -> tally.until().stream()).min(Instant::compareTo));
    }

    private Set<Policy.Id> rejecting() {
        return policies.stream()
                .filter(tally -> !tally.isMet() && !tally.shortcoming().unresolved())
                .map(tally -> tally.policy().id())
                .collect(Collectors.toSet());
    }

    private String unusable() {
        return unusable.isEmpty()
                ? ""
                : "; attached artifacts that could not be used: "
                        + unusable.entrySet().stream()
                                .map(entry -> entry.getValue() + " " + entry.getKey())
                                .collect(Collectors.joining(", "));
    }

    public record Unread(String code, String message) {}
}
