package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.trust.policy.Policy;
import dev.cleanroom.operator.trust.policy.PolicyCode;
import dev.cleanroom.operator.trust.policy.Tally;
import dev.cleanroom.operator.trust.registry.ImageReference;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** For tests of what comes after the decision: a reference with a digest is verified, any other is rejected. */
public final class PinnedByDigest implements ImageTrust {
    @Override
    public CompletableFuture<ImageDecision> decide(ImageRequest request) {
        return CompletableFuture.completedFuture(decision(request.reference()));
    }

    public static ImageDecision decision(String reference) {
        return reference.contains("@")
                ? new ImageDecision.Accepted(verified(reference))
                : new ImageDecision.Rejected(PolicyCode.NoMatchingPolicy.name(), "no TrustPolicy matches it", Set.of());
    }

    public static VerifiedImage verified(String reference) {
        return verified(
                reference,
                List.of(new Tally.Acceptance(new Policy.Id("builders", 1), List.of("key sha256:" + "0".repeat(64)))));
    }

    public static VerifiedImage verified(String reference, List<Tally.Acceptance> policies) {
        if (ImageReference.parse(reference) instanceof RegistryAnswer.Found<ImageReference>(ImageReference read)
                && read.digest() != null) {
            return new VerifiedImage(read.repository(), read.digest(), policies);
        }
        throw new IllegalArgumentException("not a reference with a digest: " + reference);
    }
}
