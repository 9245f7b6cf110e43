package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.operator.trust.registry.Repository;
import java.util.List;
import java.util.Optional;

/**
 * All TrustPolicies at one moment. A decision is valid only for the set with which it was made.
 *
 * @param fingerprint equal only for sets that decide alike: names, generations, and the bytes of keys and trust roots
 */
public record PolicySet(List<Policy> usable, List<Unusable> unusable, Denials denials, String fingerprint) {
    public static final PolicySet EMPTY = new PolicySet(List.of(), List.of(), Denials.NONE, "");

    public PolicySet {
        usable = List.copyOf(usable);
        unusable = List.copyOf(unusable);
    }

    /**
     * A policy that cannot be used. No image that it matches starts, because it is not known whether the policy would
     * accept it.
     *
     * @param images empty when they could not be parsed either: then the policy may match any image
     * @param message names the field and what to do
     */
    public record Unusable(String name, List<ImagePattern> images, String message) {
        boolean mayMatch(Repository repository) {
            return images.isEmpty() || images.stream().anyMatch(pattern -> pattern.matches(repository));
        }
    }

    public List<Policy> matching(Repository repository) {
        return usable.stream().filter(policy -> policy.matches(repository)).toList();
    }

    public Optional<Unusable> unusableMatching(Repository repository) {
        return unusable.stream().filter(policy -> policy.mayMatch(repository)).findFirst();
    }
}
