package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.trust.policy.Tally;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.registry.Repository;
import java.util.List;
import java.util.Objects;

/**
 * An image that every matching policy has accepted. Only the verifier creates one, and the image of a build pod is a
 * field of this type, so no unverified reference can get into a pod.
 */
public final class VerifiedImage {
    private final Repository repository;
    private final Digest digest;
    private final List<Tally.Acceptance> policies;

    VerifiedImage(Repository repository, Digest digest, List<Tally.Acceptance> policies) {
        this.repository = repository;
        this.digest = digest;
        this.policies = List.copyOf(policies);
    }

    /** The reference in the pod: repository and digest, without a tag. */
    public String pinned() {
        return repository.at(digest).toString();
    }

    /** {@code sha256:} and 64 hexadecimal digits. */
    public String digest() {
        return digest.toString();
    }

    /** The policies that accepted it, and who signed it. */
    public List<Tally.Acceptance> policies() {
        return policies;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifiedImage image
                && repository.equals(image.repository)
                && digest.equals(image.digest)
                && policies.equals(image.policies);
    }

    @Override
    public int hashCode() {
        return Objects.hash(repository, digest, policies);
    }

    @Override
    public String toString() {
        return pinned();
    }
}
