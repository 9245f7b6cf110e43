package dev.cleanroom.api.v1alpha1;

/** How a run was judged. */
public enum Verdict {
    /** It was compared with a known-good run, and nothing of severity High or more was found. */
    Clean,
    /** There is no known-good run yet, and no rule that needs none found anything of severity High or more. */
    Learning,
    /** There are findings of severity High or more. */
    Open,
    /** It was not observed whole, so it is no known-good run. */
    Partial,
    /** There is no report of it that can be used. */
    Unobserved
}
