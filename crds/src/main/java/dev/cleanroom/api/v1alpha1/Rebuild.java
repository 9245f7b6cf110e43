package dev.cleanroom.api.v1alpha1;

/** When a clean pod replaces one under suspicion. */
public enum Rebuild {
    /** At once. */
    Automatic,
    /** When the incident is closed. */
    Manual,
    /** Not in this environment. An environment that is deleted and created again starts without its incidents. */
    Never
}
