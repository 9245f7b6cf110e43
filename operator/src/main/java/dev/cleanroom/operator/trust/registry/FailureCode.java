package dev.cleanroom.operator.trust.registry;

/**
 * Why there is no answer that can be used. None of them is a verdict about an image: what could not be read is asked for
 * again. Cause and remedy of each: docs/registry.md.
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
