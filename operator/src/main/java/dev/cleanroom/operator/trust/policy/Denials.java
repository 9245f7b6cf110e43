package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.sigstore.Verdict.Signer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What never runs, of all policies together: denials are about every image, whatever a policy's patterns say.
 *
 * @param digests of images and indexes, {@code sha256:...}
 */
public record Denials(Map<String, Denial> digests, List<TrustPolicySpec.DeniedSigner> signers) {

    /** Pods, of all environments, that one generation of a policy quarantines unasked. */
    public static final int MOST_UNASKED = 10;

    /**
     * @param generation of the policy
     * @param enforced an administrator wants what runs quarantined, however many pods that are
     * @param pods the most that were seen to run what this generation denies; null until they were counted
     */
    public record Denial(
            String policy,
            long generation,
            boolean enforced,
            @Nullable Integer pods) {

        /**
         * Whether more pods run what is denied than are quarantined unasked, or did: that fewer are left is no answer.
         *
         * @param now how many do
         */
        public boolean isOverTheCap(int now) {
            return !enforced && (now > MOST_UNASKED || (pods != null && pods > MOST_UNASKED));
        }

        /** Whether what runs is to be quarantined. Not before it was counted and that stored: a crash must not forget it. */
        public boolean isInForce(int now) {
            return enforced || (pods != null && !isOverTheCap(now));
        }

        private int strength() {
            return enforced ? 2 : isInForce(0) ? 1 : 0;
        }
    }

    public static final Denials NONE = new Denials(Map.of(), List.of());

    public Denials {
        digests = Map.copyOf(digests);
        signers = List.copyOf(signers);
    }

    static Denials of(TrustPolicy policy) {
        TrustPolicySpec.Deny deny = policy.getSpec().deny();
        var denial = new Denial(
                policy.getMetadata().getName(),
                policy.getMetadata().getGeneration(),
                isEnforced(policy),
                deniedPods(policy).orElse(null));
        Map<String, Denial> digests = new LinkedHashMap<>();
        for (String digest : deny == null || deny.digests() == null ? List.<String>of() : deny.digests()) {
            digests.put(digest, denial);
        }
        return new Denials(digests, deny == null || deny.signers() == null ? List.of() : deny.signers());
    }

    /** The generation is part of the word: what is denied later waits for one of its own. */
    private static boolean isEnforced(TrustPolicy policy) {
        Map<String, String> annotations = policy.getMetadata().getAnnotations();
        return annotations != null
                && String.valueOf(policy.getMetadata().getGeneration())
                        .equals(annotations.get(CleanroomApi.ENFORCE_ANNOTATION));
    }

    /** What the status says of this generation: an earlier one denied something else. */
    public static Optional<Integer> deniedPods(TrustPolicy policy) {
        return Optional.ofNullable(policy.getStatus())
                .filter(status -> policy.getMetadata().getGeneration().equals(status.observedGeneration()))
                .map(TrustPolicyStatus::deniedPods);
    }

    /** Of two policies that deny a digest, the one that has it quarantined: another that waits does not hold it up. */
    Denials and(Denials other) {
        Map<String, Denial> all = new LinkedHashMap<>(other.digests);
        digests.forEach((digest, denial) ->
                all.merge(digest, denial, (before, after) -> before.strength() > after.strength() ? before : after));
        return new Denials(
                all, Stream.concat(signers.stream(), other.signers.stream()).toList());
    }

    /** The policy that denies the digest. */
    public Optional<Policy.Id> deniedBy(Digest digest) {
        return Optional.ofNullable(digests.get(digest.toString()))
                .map(denial -> new Policy.Id(denial.policy(), denial.generation()));
    }

    boolean denies(Signer signer) {
        return signers.stream().anyMatch(denied -> denies(denied, signer));
    }

    private static boolean denies(TrustPolicySpec.DeniedSigner denied, Signer signer) {
        if (denied.key() != null) {
            return Signers.isKey(signer, denied.key());
        }
        return signer instanceof Signer.Identity(var issuer, var subject)
                && subject.equals(denied.subject())
                && (denied.issuer() == null || denied.issuer().equals(issuer));
    }
}
