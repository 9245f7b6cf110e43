package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.trust.policy.Policy;
import java.util.Set;

/** The three outcomes. Codes are CamelCase and become condition reasons. */
public sealed interface ImageDecision {

    /** The image may run, as exactly this. */
    record Accepted(VerifiedImage image) implements ImageDecision {}

    /**
     * The evidence says no; only another image or another policy changes that.
     *
     * @param by the policies that say so; empty where none is about the image
     */
    record Rejected(String code, String message, Set<Policy.Id> by) implements ImageDecision {
        public Rejected {
            by = Set.copyOf(by);
        }
    }

    /** Nothing is known yet; asked again later, and until then no pod. */
    record Unresolved(String code, String message) implements ImageDecision {}
}
