package dev.cleanroom.operator.trust.sigstore;

/**
 * Why a signature or attestation is rejected. Codes are never renamed; docs/verification.md has the cause and remedy of
 * each.
 */
public enum RejectionCode {
    // The format.
    BundleTooLarge,
    BundleMalformed,
    BundleVersionUnknown,
    AnnotationMalformed,
    PayloadMalformed,

    // The signer.
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

    // The signed content.
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

    // The transparency log.
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

    // The time.
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
