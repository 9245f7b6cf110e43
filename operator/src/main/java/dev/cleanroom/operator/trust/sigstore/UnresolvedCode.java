package dev.cleanroom.operator.trust.sigstore;

/** Why nothing could be decided: what we were told to trust is missing or unusable. Nothing runs until that is mended. */
public enum UnresolvedCode {
    TrustRootMissing,
    TrustRootTooLarge,
    TrustRootMalformed,
    KeyMalformed,
    KeyUnsupported,
    IdentitiesMissing,
    PatternInvalid,
    /** A bug of ours; the message names the exception. */
    VerifierFailed
}
