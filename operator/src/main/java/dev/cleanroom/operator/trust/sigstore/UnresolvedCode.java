package dev.cleanroom.operator.trust.sigstore;

/**
 * Why nothing could be decided: a key, trust root or pattern of the policy is missing or unusable. No image runs until
 * it is corrected.
 */
public enum UnresolvedCode {
    TrustRootMissing,
    TrustRootTooLarge,
    TrustRootMalformed,
    KeyMalformed,
    KeyUnsupported,
    IdentitiesMissing,
    PatternInvalid,
    /** A bug in Cleanroom; the message names the exception. */
    VerifierFailed
}
