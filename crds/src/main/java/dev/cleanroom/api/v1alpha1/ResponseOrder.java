package dev.cleanroom.api.v1alpha1;

/** What comes first when a pod is under suspicion. */
public enum ResponseOrder {
    /** The pod is isolated in the write that asks for it. */
    IsolateFirst,
    /** Snapshots are requested first: some malware destroys what it can when it loses its network. */
    PreserveFirst
}
