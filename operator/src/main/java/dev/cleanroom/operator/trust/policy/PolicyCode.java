package dev.cleanroom.operator.trust.policy;

/**
 * Why policies do not accept an image, where no single signature is to blame. Never renamed; docs/verification.md has cause
 * and remedy of each.
 */
public enum PolicyCode {
    // The evidence says no.
    NoMatchingPolicy,
    DigestDenied,
    SignerDenied,
    SignatureMissing,
    ThresholdNotMet,
    AttestationMissing,
    AttestationTooOld,
    AttestationTimeUnknown,
    PredicateRefused,

    // Nothing is known.
    PolicyUnusable,
    EvidenceIncomplete
}
