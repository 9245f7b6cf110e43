package dev.cleanroom.api.v1alpha1;

/** What happens when a build ends. */
public enum OnExit {
    /** A task: it runs once for each spec, and is then finished. */
    Complete,
    /** An agent: a fresh pod replaces each one that ends. */
    Replace
}
