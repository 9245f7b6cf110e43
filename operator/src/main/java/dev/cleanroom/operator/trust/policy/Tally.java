package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.v1alpha1.TrustPolicySpec.Format;
import dev.cleanroom.operator.trust.cosign.LegacySignature;
import dev.cleanroom.operator.trust.cosign.LegacyVerifier;
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
 * Judges one image by the policies about it, piece of evidence by piece, as they are read: nothing is kept of a piece but
 * what it proves, so that what an attacker adds costs time and no memory. Every policy must be met.
 */
public final class Tally {
    private final List<PolicyTally> policies;
    private final Artifact image;
    private final Clock clock;
    private final Map<String, Integer> passedOver = new TreeMap<>();

    /** A policy that accepted, and who signed. */
    public record Acceptance(Policy.Id policy, List<String> signers) {}

    /** The outcome. */
    public sealed interface Conclusion {
        /** @param until when an attestation that was needed becomes too old; empty where none does */
        record Accepted(List<Acceptance> policies, Optional<Instant> until) implements Conclusion {}

        /** @param by every policy that is not met, and will not be by what is attached; the message is about the first */
        record Rejected(String code, String message, Set<Policy.Id> by) implements Conclusion {}

        /** Nothing decided: asked again. */
        record Unresolved(String code, String message) implements Conclusion {}
    }

    public Tally(List<Policy> policies, Denials denials, Artifact image, Clock clock) {
        if (policies.isEmpty()) {
            throw new IllegalArgumentException("no policy accepts nothing: NoMatchingPolicy is decided before");
        }
        this.policies = policies.stream()
                .map(policy -> new PolicyTally(policy, denials, clock.instant()))
                .toList();
        this.image = image;
        this.clock = clock;
    }

    public void bundle(byte[] bundle) {
        for (PolicyTally tally : accepting(Format.bundle)) {
            PolicyTally.Evidenced evidence = (authority, expected) ->
                    new BundleVerifier(authority.root(), clock).verify(bundle, image, expected);
            tally.signature(evidence);
            tally.attestation(evidence);
        }
    }

    public void legacySignature(LegacySignature signature) {
        accepting(Format.cosign).forEach(tally -> tally.signature(legacy(signature)));
    }

    public void legacyAttestation(LegacySignature attestation) {
        accepting(Format.cosign).forEach(tally -> tally.attestation(legacy(attestation)));
    }

    private PolicyTally.Evidenced legacy(LegacySignature signature) {
        return (authority, expected) ->
                new LegacyVerifier(authority.root(), clock, Optional.empty()).verify(signature, image, expected);
    }

    private List<PolicyTally> accepting(Format format) {
        return policies.stream().filter(tally -> tally.policy().accepts(format)).toList();
    }

    /** Whether evidence of the format can still change the outcome. */
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

    /** A piece that is none, and why: told where it may have been meant to be what is missing. */
    public void passedOver(String code, int pieces) {
        if (pieces > 0) {
            passedOver.merge(code, pieces, Integer::sum);
        }
    }

    /** @param unread why some evidence that is there could not be read; then what is missing may be in it */
    public Conclusion conclude(Optional<Unread> unread) {
        for (PolicyTally tally : policies) {
            if (tally.isMet()) {
                continue;
            }
            Shortcomings.Told told = tally.shortcoming();
            String message = "policy " + tally.policy().id().name() + ": " + told.message();
            if (unread.isPresent()) {
                return new Conclusion.Unresolved(
                        unread.get().code(),
                        "not all signatures could be read: " + unread.get().message());
            }
            return told.unresolved()
                    ? new Conclusion.Unresolved(told.code(), message)
                    : new Conclusion.Rejected(told.code(), message + passedOver(), rejecting());
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

    private String passedOver() {
        return passedOver.isEmpty()
                ? ""
                : "; what is attached and could not be used: "
                        + passedOver.entrySet().stream()
                                .map(entry -> entry.getValue() + " " + entry.getKey())
                                .collect(Collectors.joining(", "));
    }

    public record Unread(String code, String message) {}
}
