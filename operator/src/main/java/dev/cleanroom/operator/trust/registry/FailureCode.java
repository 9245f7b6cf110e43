package dev.cleanroom.operator.trust.registry;

/**
 * Why a registry gave no answer that can be used. No code means that an image is rejected: the question is asked again.
 * docs/registry.md has the cause and remedy of each.
 */
public enum FailureCode {
    ReferenceMalformed,
    CredentialsMalformed,
    CaBundleMalformed,

    NotFound,
    Unauthorized,
    Throttled,
    Unavailable,
    Refused,

    Unreachable,
    TlsFailed,
    TimedOut,

    DigestMismatch,
    Malformed,
    MediaTypeRefused,
    PlatformMissing,
    TooLarge,
    TooMany,

    AddressRefused,
    PlainHttpRefused,
    RedirectRefused,
    RealmRefused
}
