package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.sigstore.VerificationResult.Signer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What all policies together deny. Denials apply to every image, regardless of a policy's patterns.
 *
 * @param digests of images and indexes, {@code sha256:...}
 */
public record Denials(Map<String, Denial> digests, List<TrustPolicySpec.DeniedSigner> signers) {

    /**
     * The most pods, of all environments, that one generation of a policy quarantines without an administrator's
     * consent.
     */
    public static final int MOST_UNASKED = 10;

    /**
     * @param generation of the policy
     * @param enforced whether an administrator annotated the policy so that all pods with a denied image are
     *     quarantined
     * @param pods the largest number of pods found to run what this generation denies; null until they were counted
     */
    public record Denial(
            String policy,
            long generation,
            boolean enforced,
            @Nullable Integer pods) {

        /**
         * Whether more pods run a denied image, or did, than are quarantined without consent. That fewer are left is
         * not consent.
         *
         * @param now how many pods run it now
         */
        public boolean isOverTheCap(int now) {
            return !enforced && (now > MOST_UNASKED || (pods != null && pods > MOST_UNASKED));
        }

        /**
         * Whether pods that run a denied image are to be quarantined. False until they were counted and the count is
         * stored, so that a crash cannot lose it.
         */
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

    /** The annotation's value is a generation: a later denial needs its own consent. */
    private static boolean isEnforced(TrustPolicy policy) {
        Map<String, String> annotations = policy.getMetadata().getAnnotations();
        return annotations != null
                && String.valueOf(policy.getMetadata().getGeneration())
                        .equals(annotations.get(CleanroomApi.ENFORCE_ANNOTATION));
    }

    /** The count in the status, if it is for this generation: an earlier one denied something else. */
    public static Optional<Integer> deniedPods(TrustPolicy policy) {
        return Optional.ofNullable(policy.getStatus())
                .filter(status -> policy.getMetadata().getGeneration().equals(status.observedGeneration()))
                .map(TrustPolicyStatus::deniedPods);
    }

    /**
     * When two policies deny a digest, the one that quarantines wins, so that another that waits for consent does not
     * delay it.
     */
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
        return signer instanceof Signer.CertificateIdentity(var issuer, var subject)
                && subject.equals(denied.subject())
                && (denied.issuer() == null || denied.issuer().equals(issuer));
    }
}
