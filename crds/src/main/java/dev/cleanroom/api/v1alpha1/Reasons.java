package dev.cleanroom.api.v1alpha1;

/** Condition types and reasons: part of the API, never renamed within a version. */
public final class Reasons {
    // Condition types.
    public static final String READY = "Ready";
    public static final String FINISHED = "Finished";
    public static final String IMAGE_VERIFIED = "ImageVerified";
    public static final String NETWORK_ENFORCED = "NetworkEnforced";
    public static final String QUARANTINED = "Quarantined";
    public static final String ISOLATED = "Isolated";
    public static final String VOLUMES_SNAPSHOTTED = "VolumesSnapshotted";
    public static final String REBUILT = "Rebuilt";
    public static final String CLOSED = "Closed";
    public static final String RECONCILING = "Reconciling";
    public static final String STALLED = "Stalled";

    // While nothing is wrong.
    public static final String PENDING = "Pending";
    public static final String STARTING = "Starting";
    public static final String RUNNING = "Running";
    public static final String BACKING_OFF = "BackingOff";
    public static final String SETTLED = "Settled";
    public static final String SCALED_TO_ZERO = "ScaledToZero";
    public static final String WAITING_FOR_PREDECESSOR = "WaitingForPredecessor";
    public static final String NOT_FINISHED = "NotFinished";
    public static final String VERIFIED = "Verified";
    public static final String NOT_PROBED = "NotProbed";
    public static final String ENFORCED = "Enforced";
    public static final String ACCEPTED = "Accepted";
    public static final String NOT_STALLED = "NotStalled";

    // What the gate measured, or that it has no canary.
    public static final String POLICY_NOT_ENFORCED = "PolicyNotEnforced";
    public static final String GATE_UNREACHABLE = "GateUnreachable";
    public static final String CANARY_UNAVAILABLE = "CanaryUnavailable";

    // What pods with phases wait for.
    public static final String GUARD_RAILS_OUTDATED = "GuardRailsOutdated";
    public static final String FOREIGN_POLICY = "ForeignPolicy";

    // How a task ended.
    public static final String SUCCEEDED = "Succeeded";
    public static final String BUILD_FAILED = "BuildFailed";
    public static final String LIFETIME_EXCEEDED = "LifetimeExceeded";

    // While a pod is under suspicion.
    public static final String NOTHING_HELD = "NothingHeld";
    public static final String UNDER_INVESTIGATION = "UnderInvestigation";
    public static final String INCIDENT_REFUSED = "IncidentRefused";
    public static final String REBUILD_LIMIT_REACHED = "RebuildLimitReached";

    // The progress of an incident.
    public static final String CONTAINING = "Containing";
    public static final String CONTAINED = "Contained";
    public static final String PRESERVING_FIRST = "PreservingFirst";
    public static final String POD_GONE = "PodGone";
    public static final String OPEN = "Open";
    public static final String REQUESTED = "Requested";
    public static final String CUT = "Cut";
    public static final String SNAPSHOT_READY = "Ready";
    public static final String NO_CLAIM = "NoClaim";
    public static final String CLAIM_GONE = "ClaimGone";
    public static final String CLAIM_NOT_BOUND = "ClaimNotBound";
    public static final String SNAPSHOTS_NOT_SERVED = "SnapshotsNotServed";
    public static final String NO_SNAPSHOT_CLASS = "NoSnapshotClass";
    public static final String SNAPSHOT_CLASS_DELETES = "SnapshotClassDeletes";
    public static final String SNAPSHOT_FAILED = "SnapshotFailed";
    public static final String SNAPSHOT_GONE = "SnapshotGone";
    public static final String NAMESPACE_TERMINATING = "NamespaceTerminating";
    public static final String REPLACED = "Replaced";
    public static final String NOT_WANTED = "NotWanted";
    public static final String WAITING_FOR_RESOLUTION = "WaitingForResolution";
    public static final String REBUILD_NEVER = "Never";
    public static final String ENVIRONMENT_GONE = "EnvironmentGone";

    // What a person must change.
    public static final String UNREADABLE = "Unreadable";
    public static final String UNUSABLE = "Unusable";
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
