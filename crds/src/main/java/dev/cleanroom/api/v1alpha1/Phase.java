package dev.cleanroom.api.v1alpha1;

/** A phase of a build pod. A pod has one phase only, unless its environment names phases. */
public enum Phase {
    /** From the pod's start until its last prepare step has ended. */
    Prepare,
    /** From the build's first instruction. */
    Build
}
