package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.operator.trust.registry.Repository;
import java.util.List;
import java.util.Optional;

/**
 * Every TrustPolicy there is, at one moment. What a decision rests on: one made by another set is not used.
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
     * A policy that cannot be asked. It stops what it is about: whether it would accept, nobody knows.
     *
     * @param images empty when not even they could be read: then it may be about any image
     * @param message names the field and what to do
     */
    public record Unusable(String name, List<ImagePattern> images, String message) {
        boolean mayBeAbout(Repository repository) {
            return images.isEmpty() || images.stream().anyMatch(pattern -> pattern.matches(repository));
        }
    }

    public List<Policy> about(Repository repository) {
        return usable.stream().filter(policy -> policy.isAbout(repository)).toList();
    }

    public Optional<Unusable> unusableAbout(Repository repository) {
        return unusable.stream().filter(policy -> policy.mayBeAbout(repository)).findFirst();
    }
}
