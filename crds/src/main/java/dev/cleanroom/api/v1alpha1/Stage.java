package dev.cleanroom.api.v1alpha1;

/** Which part of a run a finding is about. */
public enum Stage {
    /** What went into the build, before its first instruction. */
    Inputs,
    /** What the run tried while it ran. */
    Running,
    /** What the build left. */
    Outputs
}
