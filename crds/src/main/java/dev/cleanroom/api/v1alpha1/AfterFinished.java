package dev.cleanroom.api.v1alpha1;

/** What becomes of the BuildEnvironment of a task that has finished. */
public enum AfterFinished {
    /** It stays, as Git wants it. */
    Keep,
    /** It is deleted {@code ttlAfterFinished} later. */
    Delete
}
