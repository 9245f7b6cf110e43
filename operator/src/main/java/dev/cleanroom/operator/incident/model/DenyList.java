package dev.cleanroom.operator.incident.model;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import java.util.Optional;

/**
 * The list of the images that resolutions with {@code denyImage} deny.
 *
 * @param policy empty if it does not exist yet, or if nothing is to be denied and it was not read
 * @param refused why the API server refused a digest
 * @param stops the builds that the denial stops; empty if nothing is to be denied, or if they are not known yet
 */
public record DenyList(Optional<TrustPolicy> policy, Optional<String> refused, Optional<StoppedBuilds> stops) {
    public static final DenyList NOT_READ = new DenyList(Optional.empty(), Optional.empty(), Optional.empty());

    /** The denied digests; empty if there is no list to which a digest could be added. */
    public Optional<TrustPolicySpec.Deny> deny() {
        return policy.map(TrustPolicy::getSpec).map(TrustPolicySpec::deny);
    }

    boolean has(String digest) {
        return deny().map(TrustPolicySpec.Deny::digests)
                .filter(digests -> digests.contains(digest))
                .isPresent();
    }
}
