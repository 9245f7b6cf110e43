package dev.cleanroom.api.v1alpha1;

/** What follows when a build ends. */
public enum OnExit {
    /** A task: it runs once a spec, and is then finished. */
    Complete,
    /** An agent: a fresh pod takes the place of each that ends. */
    Replace
}
