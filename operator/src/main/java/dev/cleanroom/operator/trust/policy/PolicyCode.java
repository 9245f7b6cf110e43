package dev.cleanroom.operator.trust.policy;

/**
 * Why policies do not accept an image, when that is not the fault of a single signature. Codes are never renamed;
 * docs/verification.md has the cause and remedy of each.
 */
public enum PolicyCode {
    // The image is rejected.
    NoMatchingPolicy,
    DigestDenied,
    SignerDenied,
    SignatureMissing,
    ThresholdNotMet,
    AttestationMissing,
    AttestationTooOld,
    AttestationTimeUnknown,
    PredicateRefused,

    // Nothing could be decided.
    PolicyUnusable,
    EvidenceIncomplete,
    EvaluationTimedOut
}
