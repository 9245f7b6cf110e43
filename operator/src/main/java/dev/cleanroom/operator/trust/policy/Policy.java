package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.v1alpha1.TrustPolicySpec.Format;
import dev.cleanroom.operator.trust.registry.Repository;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.Expectation.Witnesses;
import dev.cleanroom.operator.trust.sigstore.TrustRoot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A TrustPolicy whose keys, patterns, expressions and trust roots could be read.
 * @param images never empty when there are authorities
 * @param authorities empty for a policy that only denies: it matches no image and accepts nothing
 * @param threshold how many of the authorities must have signed, each with a different signer; 0 only if there are
 *     attestations, which then decide alone
 */
public record Policy(Id id, List<ImagePattern> images, List<Authority> authorities, int threshold, Demands demands) {
    public Policy {
        images = List.copyOf(images);
        authorities = List.copyOf(authorities);
        int least = demands.attestations().isEmpty() ? 1 : 0;
        if (!authorities.isEmpty() && (threshold < least || threshold > authorities.size())) {
            throw new IllegalArgumentException(
                    "the threshold must be at least " + least + " and at most the number of authorities");
        }
    }

    public record Id(String name, long generation) {}

    /** @param formats the formats in which signatures and attestations are accepted; never empty */
    public record Demands(List<Attestation> attestations, Set<Format> formats) {
        public Demands {
            attestations = List.copyOf(attestations);
            formats = Set.copyOf(formats);
        }
    }

    /** @param root empty for a key, which needs no trust root */
    public record Authority(String name, SignedBy signedBy, Optional<TrustRoot> root) {

        /**
         * If the trust root has a log, a signature must be in one; otherwise a timestamp authority must have signed its
         * time.
         */
        Witnesses witnesses() {
            if (root.isEmpty()) {
                return Witnesses.NONE;
            }
            return root.get().logs().isEmpty() ? new Witnesses(0, 1) : Witnesses.ONE_LOG;
        }
    }

    /** @param authorities one of these must have signed the attestation */
    public record Attestation(
            String name,
            String predicateType,
            List<Authority> authorities,
            Optional<PredicateCheck> check,
            Optional<Duration> maxAge) {
        public Attestation {
            authorities = List.copyOf(authorities);
        }
    }

    boolean matches(Repository repository) {
        return !authorities.isEmpty() && images.stream().anyMatch(pattern -> pattern.matches(repository));
    }

    boolean accepts(Format format) {
        return demands.formats().contains(format);
    }
}
