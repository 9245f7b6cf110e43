package dev.cleanroom.api.v1alpha1;

/** Condition types and reasons: part of the API, never renamed within a version. */
public final class Reasons {
    // Condition types.
    public static final String READY = "Ready";
    public static final String FINISHED = "Finished";
    public static final String IMAGE_VERIFIED = "ImageVerified";
    public static final String NETWORK_ENFORCED = "NetworkEnforced";
    public static final String RECONCILING = "Reconciling";
    public static final String STALLED = "Stalled";

    // The normal course.
    public static final String PENDING = "Pending";
    public static final String STARTING = "Starting";
    public static final String RUNNING = "Running";
    public static final String BACKING_OFF = "BackingOff";
    public static final String SETTLED = "Settled";
    public static final String SCALED_TO_ZERO = "ScaledToZero";
    public static final String WAITING_FOR_PREDECESSOR = "WaitingForPredecessor";
    public static final String NOT_FINISHED = "NotFinished";
    public static final String NOT_VERIFIED = "NotVerified";
    public static final String NOT_PROBED = "NotProbed";
    public static final String ACCEPTED = "Accepted";
    public static final String NOT_STALLED = "NotStalled";

    // The end of a task.
    public static final String SUCCEEDED = "Succeeded";
    public static final String BUILD_FAILED = "BuildFailed";
    public static final String LIFETIME_EXCEEDED = "LifetimeExceeded";

    // What a person must change.
    public static final String UNREADABLE = "Unreadable";
    public static final String NAMESPACE_NOT_ENABLED = "NamespaceNotEnabled";
    public static final String CLASS_NOT_FOUND = "ClassNotFound";
    public static final String CLASS_UNREADABLE = "ClassUnreadable";
    public static final String NO_DEFAULT_CLASS = "NoDefaultClass";
    public static final String SEVERAL_DEFAULT_CLASSES = "SeveralDefaultClasses";
    public static final String NAMESPACE_NOT_ALLOWED = "NamespaceNotAllowed";
    public static final String LIMIT_EXCEEDED = "LimitExceeded";
    public static final String NOT_ALLOWED = "NotAllowed";
    public static final String CLAIM_REQUIRED = "ClaimRequired";
    public static final String TRUST_BUNDLE_MISSING = "TrustBundleMissing";
    public static final String NAME_TAKEN = "NameTaken";
    public static final String QUOTA_EXCEEDED = "QuotaExceeded";
    public static final String WRITE_REFUSED = "WriteRefused";

    private Reasons() {}
}
