package dev.cleanroom.operator.trust;

/** The three outcomes. Codes are CamelCase and become condition reasons. */
public sealed interface ImageDecision {

    /** The image may run, as exactly this. */
    record Accepted(VerifiedImage image) implements ImageDecision {}

    /** The evidence says no; only another image or another policy changes that. */
    record Rejected(String code, String message) implements ImageDecision {}

    /** Nothing is known yet; asked again later, and until then no pod. */
    record Unresolved(String code, String message) implements ImageDecision {}
}
