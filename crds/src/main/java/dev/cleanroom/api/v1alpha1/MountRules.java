package dev.cleanroom.api.v1alpha1;

/**
 * CEL over the mount paths of a step. Each list is written out: the API server does not know the bound of a
 * computed list ({@code map}, {@code orValue}), and would refuse the rule because of its estimated cost.
 */
final class MountRules {
    private static final String WORKSPACE = "(has(self.workspace) ? self.workspace.mountPath : '/workspace') + '/'";
    private static final String OUTSIDE =
            "!(f.mountPath + '/').startsWith(" + WORKSPACE + ") && !(" + WORKSPACE + ").startsWith(f.mountPath + '/')";

    /** No path equals, or lies within, another: exactly one path of the list, itself, is a prefix of each. */
    static final String APART =
            "(!has(self.secrets) || self.secrets.all(a, self.secrets.exists_one(b, (a.mountPath + '/').startsWith(b.mountPath + '/'))))"
                    + " && (!has(self.configs) || self.configs.all(a, self.configs.exists_one(b, (a.mountPath + '/').startsWith(b.mountPath + '/'))))"
                    + " && (!has(self.secrets) || !has(self.configs) || self.secrets.all(a, self.configs.all(b,"
                    + " !(a.mountPath + '/').startsWith(b.mountPath + '/') && !(b.mountPath + '/').startsWith(a.mountPath + '/'))))";

    static final String OUTSIDE_WORKSPACE = "(!has(self.secrets) || self.secrets.all(f, " + OUTSIDE + "))"
            + " && (!has(self.configs) || self.configs.all(f, " + OUTSIDE + "))";

    static final String PREPARE_OUTSIDE_WORKSPACE =
            "!has(self.prepare) || self.prepare.all(s, (!has(s.secrets) || s.secrets.all(f, " + OUTSIDE + "))"
                    + " && (!has(s.configs) || s.configs.all(f, " + OUTSIDE + ")))";

    private MountRules() {}
}
