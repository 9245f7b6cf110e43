package dev.cleanroom.api.schema;

import java.util.List;

/**
 * The kinds of text in the API. A rule is CEL over {@code self}, and its message says what to write instead.
 * Lengths are in characters, and small, because the API server refuses a rule whose estimated worst cost is too
 * high. A least length is given only if no rule refuses the empty text, so that one mistake causes one error.
 */
public enum TextKind {
    /** Any text up to the length, even empty. */
    FREE(0, 32_768),
    /** Any text that fits on a line of a table. */
    SHORT(0, 1_024),
    /** Base64 of at most 128 KiB. */
    DETAIL(0, 174_764),
    /** Base64 of at most 64 KiB. */
    OUTPUTS_DETAIL(0, 87_384),
    /** A time in RFC 3339. */
    TIME(0, 64),

    DNS_LABEL(0, 40, Cel.DNS_LABEL),
    DNS_NAME(
            0,
            253,
            rule(
                    "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')",
                    "must be lower-case letters, digits, '-' or '.', each part beginning and ending with a letter or"
                            + " digit")),
    /** A namespace's name. */
    NAMESPACE(0, 63, Cel.DNS_LABEL),
    /** A build pod's name: environment, slot, attempt. */
    POD_NAME(
            0,
            60,
            rule(
                    "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?-[0-9]{1,6}-[0-9]{1,9}$')",
                    "must be the name of a build pod: environment-slot-attempt")),
    UID(
            0,
            36,
            rule(
                    "self.matches('^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$')",
                    "must be the pod's uid: kubectl get pod NAME -o jsonpath={.metadata.uid}")),
    /** A DNS name, or the beginning of one followed by {@code *}. */
    NAME_PATTERN(
            0,
            253,
            rule(
                    "self.matches('^([a-z0-9]([-.a-z0-9]*[a-z0-9])?|([a-z0-9][-.a-z0-9]*)?[*])$')",
                    "must be a name, or the beginning of one followed by '*', in lower-case letters, digits, '-' or '.'")),
    LABEL_VALUE(
            0,
            63,
            rule(
                    "self.matches('^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$')",
                    "must be letters, digits, '-', '_' or '.', beginning and ending with a letter or digit")),
    /** The key of a label or annotation. */
    QUALIFIED_NAME(
            0,
            253,
            rule(
                    "self.matches('^([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$')",
                    "must be the key of a label or annotation, such as example.com/team")),
    EXTENDED_RESOURCE(
            0,
            128,
            rule(
                    "self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?/[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$')",
                    "must be the name of an extended resource, such as vendor.example/gpu")),

    /** A condition reports whether the image is acceptable, not this rule. */
    IMAGE(
            1,
            512,
            rule(
                    "!self.matches('[[:space:]]')",
                    "must not contain white space: write registry/name:tag or registry/name@sha256:digest")),
    /**
     * Images by their location: a registry and a path, in which stars stand for the parts that differ. It follows
     * the grammar of a reference's name, so that a pattern that no reference can match is refused; a policy would
     * silently match nothing.
     */
    IMAGE_PATTERN(
            0,
            256,
            rule(
                    "self == '**' || (self.matches('^[^/]*[.:*]|^localhost/') && self.matches('" + Cel.IMAGE_PATTERN
                            + "'))",
                    "must be a registry and a path in lower case, such as registry.example.com/builders/** or"
                            + " docker.io/library/maven, without scheme, tag or digest; or ** for every image"),
            // A pattern without a slash is refused by the rule above.
            rule(
                    "!self.contains('/') || !self.matches('[^/][*][*]|[*][*][^/]')",
                    "** stands for whole parts of a path: write it between slashes, or * inside a part")),
    DIGEST(
            0,
            71,
            rule("self.matches('^sha256:[0-9a-f]{64}$')", "must be sha256: and 64 lower-case hexadecimal digits")),
    PLATFORM(
            0,
            64,
            rule(
                    "self.matches('^" + Cel.PLATFORM + "$')",
                    "must be os/architecture or os/architecture/variant, such as linux/amd64")),
    /** A public key, as PEM. */
    PUBLIC_KEY(
            0,
            4_096,
            rule(
                    "self.matches('^[[:space:]]*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=[:space:]]+-----END PUBLIC KEY-----"
                            + "[[:space:]]*$')",
                    "must be one public key in PEM, from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----")),
    /** A URI or another exact name that signers use. */
    EXACT(1, 1_024, rule("!self.matches('[[:space:]]')", "must not contain white space")),
    /** A regular expression of RE2 that must match the whole text. */
    // A pattern that does not compile is an error of the rule, so it is refused with the reason. Whether it matches
    // does not matter.
    REGEX(1, 1_000, rule("''.matches(self) in [true, false]", "must be a regular expression of RE2")),
    /** An expression in CEL. */
    EXPRESSION(1, 4_096),
    AUDIENCE(
            1,
            256,
            rule("!self.matches('[[:space:]]')", "must not contain white space"),
            rule("!self.matches('" + Cel.API_SERVER_AUDIENCE + "')", Cel.API_SERVER_AUDIENCE_MESSAGE)),

    ENV_NAME(
            0,
            128,
            rule(
                    "self.matches('^[A-Za-z_][A-Za-z0-9_]*$')",
                    "must be letters, digits and '_', not beginning with a digit"),
            rule("self != 'HOME'", "HOME is always /home/build: remove it"),
            rule(
                    "!self.startsWith('CLEANROOM_')",
                    "names beginning with CLEANROOM_ are reserved for the operator: choose another")),
    FIELD_REF(
            0,
            64,
            rule(
                    "self in ['metadata.name', 'metadata.namespace', 'metadata.uid']",
                    "must be metadata.name, metadata.namespace or metadata.uid")),

    /** A directory in the pod, which may be the root. */
    DIRECTORY(0, 256, rule("self == '/' || " + Cel.PATH, Cel.PATH_MESSAGE)),
    /** Where something is mounted: not in a directory that the system or the operator needs. */
    MOUNT_PATH(
            0,
            256,
            rule(Cel.PATH, Cel.PATH_MESSAGE),
            rule(
                    "self == '' || !['/proc/', '/sys/', '/dev/', '/tmp/', '/home/build/', '/etc/cleanroom/',"
                            + " '/run/secrets/cleanroom/', '/var/run/secrets/cleanroom/']"
                            + ".exists(p, (self + '/').startsWith(p) || p.startsWith(self + '/'))",
                    "must not be, lie under or contain /proc, /sys, /dev, /tmp, /home/build, /etc/cleanroom or"
                            + " /var/run/secrets/cleanroom: choose another directory")),
    FILE_KEY(0, 253, rule("self.matches('^[-._a-zA-Z0-9]+$')", "must be a key: letters, digits, '-', '_' or '.'")),
    RELATIVE_PATH(
            0,
            128,
            rule(
                    "('/' + self).matches('" + Cel.PATH_PATTERN + "')",
                    "must be a relative path in its shortest form: no leading or trailing '/', no '//', '.' or '..', no"
                            + " ':'")),
    /** Files of the workspace: a relative path, in which stars stand for the parts that differ. */
    WORKSPACE_PATTERN(
            0,
            256,
            rule(
                    "self.matches('^[ ->@-Z^-z|~]*$')",
                    "must be printable ASCII without \\, ?, [, ], { and }: * stands for a part of a name, ** for whole folders"),
            rule(
                    "('/' + self).matches('^(/([^/.][^/]*|[.][^/.][^/]*|[.][.][^/]+))+$')",
                    "must be a path in the workspace in its shortest form, such as target/*.jar: no leading or trailing '/',"
                            + " no '//', '.' or '..'"),
            rule(
                    "!self.matches('[^/][*][*]|[*][*][^/]')",
                    "** stands for whole folders: write it between slashes, or * inside a name")),

    CIDR(
            0,
            43,
            rule(
                    "isCIDR(self) && string(cidr(self).masked()) == self",
                    "must be a network such as 10.20.0.0/16 or 2001:db8::/32, with no bit set after its prefix")),
    IP(0, 45, rule("isIP(self)", "must be an IP address such as 10.20.0.7 or 2001:db8::7")),

    /** How long a pod may run. */
    LIFETIME(
            0,
            18,
            rule(
                    Cel.DURATION + " && duration(self) <= duration('720h')",
                    "must be more than 0s and at most 720h, such as 4h, 90m or 1h30m")),
    /** How long something that has ended is kept. */
    RETENTION(
            0,
            18,
            rule(
                    Cel.DURATION + " && duration(self) <= duration('8760h')",
                    "must be more than 0s and at most 8760h, such as 1h, 90m or 1h30m"));

    /**
     * The usual audiences of an API server, as installers set them; a cluster may have others, which no schema can
     * know.
     */
    public static final String API_SERVER_AUDIENCE_PATTERN = Cel.API_SERVER_AUDIENCE;

    public static final String API_SERVER_AUDIENCE_MESSAGE = Cel.API_SERVER_AUDIENCE_MESSAGE;

    /** How platforms are written, as a regular expression. */
    public static final String PLATFORM_PATTERN = Cel.PLATFORM;

    /** How durations are written, as a regular expression. */
    public static final String DURATION_PATTERN = "([0-9]{1,5}(h|m|s)){1,3}";

    /** A condition that must be true, and what to do if it is not. */
    public record Rule(String cel, String message) {}

    private final int minLength;
    private final int maxLength;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<Rule> rules;

    TextKind(int minLength, int maxLength, Rule... rules) {
        this.minLength = minLength;
        this.maxLength = maxLength;
        this.rules = List.of(rules);
    }

    public int minLength() {
        return minLength;
    }

    public int maxLength() {
        return maxLength;
    }

    public List<Rule> rules() {
        return rules;
    }

    private static Rule rule(String cel, String message) {
        return new Rule(cel, message);
    }

    /**
     * CEL that more than one kind uses. It is in a class of its own because an enum's constants cannot read its
     * static fields.
     */
    private static final class Cel {
        static final Rule DNS_LABEL = new Rule(
                "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
                "must be lower-case letters, digits or '-', beginning and ending with a letter or digit");

        /** Segments that are neither empty nor "." nor ".."; a mount path must not contain ':'. */
        static final String PATH_PATTERN = "^(/([^/:.][^/:]*|[.][^/:.][^/:]*|[.][.][^/:]+))+$";

        /** Host, port and path components, as in distribution/reference, with stars allowed where letters are. */
        static final String IMAGE_PATTERN = "^([a-z0-9*]([-a-z0-9*]*[a-z0-9*])?([.][a-z0-9*]([-a-z0-9*]*[a-z0-9*])?)*"
                + "|[[][0-9a-f:]+[]])(:[0-9*]{1,5})?(/[a-z0-9*]+(([._]|__|-+)[a-z0-9*]+)*)+$";

        static final String PLATFORM = "[a-z0-9]+/[a-z0-9]+(/[a-z0-9.]+)?";
        static final String PATH = "self.matches('" + PATH_PATTERN + "')";
        static final String PATH_MESSAGE =
                "must be an absolute path in its shortest form: no trailing '/', no '//', '.' or '..', no ':'";
        static final String API_SERVER_AUDIENCE =
                "^(https?://kubernetes|(https?://)?kubernetes[.](default|svc[.]default|default[.]svc([.].+)?))(:[0-9]+)?/?$"
                        + "|^(k3s|rke2)$";
        static final String API_SERVER_AUDIENCE_MESSAGE =
                "is the API server's own audience, and a token for it gives access to the cluster: name the"
                        + " system that the token is for";
        static final String DURATION = "self.matches('^" + DURATION_PATTERN + "$') && duration(self) > duration('0s')";
    }
}
