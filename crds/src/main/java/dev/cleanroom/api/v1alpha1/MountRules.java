package dev.cleanroom.api.v1alpha1;

/**
 * CEL over the mount paths of a step. Secrets and configs are mapped to their paths first, since lists of two declared
 * types cannot be added; {@code [x].all(m, ...)} names x, for which CEL has no other way here.
 */
final class MountRules {
    private static final String PATHS = ".?secrets.orValue([]).map(f, f.mountPath + '/')";
    private static final String MORE_PATHS = ".?configs.orValue([]).map(f, f.mountPath + '/')";
    private static final String WORKSPACE = "[self.?workspace.?mountPath.orValue('/workspace') + '/']";
    private static final String NESTED = "p.startsWith(w) || w.startsWith(p)";

    /** No path equals, or lies within, another: each begins with exactly one of them, itself. */
    static final String APART =
            "[self" + PATHS + " + self" + MORE_PATHS + "].all(m, m.all(a, m.exists_one(b, a.startsWith(b))))";

    static final String OUTSIDE_WORKSPACE =
            WORKSPACE + ".all(w, !(self" + PATHS + " + self" + MORE_PATHS + ").exists(p, " + NESTED + "))";

    static final String PREPARE_OUTSIDE_WORKSPACE = WORKSPACE + ".all(w, !self.?prepare.orValue([]).exists(s, (s"
            + PATHS + " + s" + MORE_PATHS + ").exists(p, " + NESTED + ")))";

    private MountRules() {}
}
