package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.trust.policy.Policy;
import java.util.Set;

/** Whether an image may run. Codes are CamelCase and become condition reasons. */
public sealed interface ImageDecision {

    /** The image may run, at exactly this digest. */
    record Accepted(VerifiedImage image) implements ImageDecision {}

    /**
     * The image must not run. Only another image, other proofs or another policy change that.
     *
     * @param by the policies that reject it; empty when no policy matches the image
     */
    record Rejected(String code, String message, Set<Policy.Id> by) implements ImageDecision {
        public Rejected {
            by = Set.copyOf(by);
        }
    }

    /** Nothing could be decided. It is tried again later, and no pod is created until then. */
    record Unresolved(String code, String message) implements ImageDecision {}
}
