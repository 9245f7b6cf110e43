package dev.cleanroom.api.v1alpha1;

/** When a clean pod takes the place of one under suspicion. */
public enum Rebuild {
    /** At once. */
    Automatic,
    /** When the incident is closed. */
    Manual,
    /** Not in this environment: one made anew has nothing to do with it. */
    Never
}
