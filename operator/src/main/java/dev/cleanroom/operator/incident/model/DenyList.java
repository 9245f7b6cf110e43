package dev.cleanroom.operator.incident.model;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import java.util.Optional;

/**
 * The list of what resolutions with {@code denyImage} deny.
 *
 * @param policy empty where it is not there yet, or where nothing is to be denied and it was not looked at
 * @param refused why the API server would not take a digest
 * @param stops whom the denial stops; empty where nothing is to be denied
 */
public record DenyList(Optional<TrustPolicy> policy, Optional<String> refused, Optional<StoppedBuilds> stops) {
    public static final DenyList NOT_READ = new DenyList(Optional.empty(), Optional.empty(), Optional.empty());

    /** What it denies; empty where there is no list that a digest could be added to. */
    public Optional<TrustPolicySpec.Deny> deny() {
        return policy.map(TrustPolicy::getSpec).map(TrustPolicySpec::deny);
    }

    boolean has(String digest) {
        return deny().map(TrustPolicySpec.Deny::digests)
                .filter(digests -> digests.contains(digest))
                .isPresent();
    }
}
