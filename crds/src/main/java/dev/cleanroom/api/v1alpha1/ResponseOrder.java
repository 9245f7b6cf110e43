package dev.cleanroom.api.v1alpha1;

/** What comes first when a pod is under suspicion. */
public enum ResponseOrder {
    /** The network is cut in the write that asks for it. */
    IsolateFirst,
    /** Snapshots are asked for first: some malware destroys what it can when its network goes. */
    PreserveFirst
}
