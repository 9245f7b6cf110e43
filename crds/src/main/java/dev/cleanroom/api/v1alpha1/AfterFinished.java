package dev.cleanroom.api.v1alpha1;

/** What happens to the BuildEnvironment of a task that has finished. */
public enum AfterFinished {
    /** It is kept, as Git requires. */
    Keep,
    /** It is deleted after {@code ttlAfterFinished}. */
    Delete
}
