package dev.cleanroom.operator.trust.sigstore;

/** Why the evidence says no. Never renamed; docs/verification.md has cause and remedy of each. */
public enum RejectionCode {
    // What was read.
    BundleTooLarge,
    BundleMalformed,
    BundleVersionUnknown,
    AnnotationMalformed,
    PayloadMalformed,

    // Who signed.
    CertificateMissing,
    CertificateUnexpected,
    CertificateMalformed,
    CertificateChainHasRoot,
    CertificateUntrusted,
    CertificateNotForCodeSigning,
    CertificateIsAuthority,
    IdentityAmbiguous,
    IdentityMismatch,
    IssuerMissing,
    SctMissing,
    SctMalformed,
    SctLogUnknown,
    SctInvalid,

    // What was signed.
    AlgorithmUnsupported,
    SignatureInvalid,
    SignatureCountWrong,
    MessageSignatureNotAllowed,
    MessageDigestMismatch,
    PayloadTypeUnexpected,
    StatementMalformed,
    StatementTypeUnknown,
    SubjectMismatch,
    ReferenceMismatch,
    PredicateTypeUnexpected,

    // Where it was logged.
    EntryMissing,
    EntryDuplicate,
    EntryMalformed,
    EntryKindUnsupported,
    EntryArtifactMismatch,
    EntrySignatureMismatch,
    EntryVerifierMismatch,
    LogUnknown,
    LogNotValidAtTime,
    PromiseMissing,
    PromiseInvalid,
    InclusionProofMissing,
    InclusionProofInvalid,
    CheckpointMissing,
    CheckpointMalformed,
    CheckpointMismatch,
    CheckpointNotByLog,
    CheckpointSignatureInvalid,

    // When.
    TimestampMissing,
    TimestampMalformed,
    TimestampUntrusted,
    TimestampMismatch,
    TimestampAuthorityNotValid,
    NoTrustedTime,
    TimeOutsideCertificate,
    TimeOutsideIssuer,
    TimeInFuture
}
