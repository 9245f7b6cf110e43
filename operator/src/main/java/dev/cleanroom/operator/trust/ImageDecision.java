package dev.cleanroom.operator.trust;

/** The three outcomes. Codes are CamelCase and become condition reasons. */
public sealed interface ImageDecision {

    /**
     * The image may run, as exactly this.
     *
     * @param pinned the reference that reaches the pod: repository and digest, no tag
     * @param digest {@code sha256:} and 64 hexadecimal digits
     */
    record Accepted(String pinned, String digest) implements ImageDecision {}

    /** The evidence says no; only another image or another policy changes that. */
    record Rejected(String code, String message) implements ImageDecision {}

    /** Nothing is known yet; asked again later, and until then no pod. */
    record Unresolved(String code, String message) implements ImageDecision {}
}
