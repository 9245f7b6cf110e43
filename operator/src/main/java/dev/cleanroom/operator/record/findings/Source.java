package dev.cleanroom.operator.record.findings;

import dev.cleanroom.operator.record.facts.DetailEntry;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One place from which a lockfile gets a package, as the observer reports it (tools/README.md, Lockfiles): a URL without
 * credentials and query, of which a registry's has no name and version of a package.
 *
 * @param text without credentials, and without a slash at its end
 * @param host in lower case, with the port if there is one; empty if there is none
 */
record Source(Kind kind, String text, String host) {
    enum Kind {
        /** The registry that the package manager is configured with. */
        CONFIGURED("the configured registry"),
        /** A URL that may be that of a registry. */
        REGISTRY("the registry"),
        /** One archive at a URL. */
        ARCHIVE("an archive at"),
        GIT("the repository of Git"),
        /** A patch of the workspace, applied to a package. */
        PATCH("a patch"),
        /** A folder of the workspace. */
        FOLDER("a folder of the workspace"),
        /** An archive in the workspace, or anything outside of it. */
        FILE("a file"),
        /** Another package under this name, as by a replacement in go.mod. */
        OTHER_PACKAGE("another package"),
        /** Nothing that is understood here. */
        UNKNOWN("a source that is not understood");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    private static final Source CONFIGURED = new Source(Kind.CONFIGURED, "", "");

    private static final Pattern URL =
            Pattern.compile("(?<scheme>[a-z0-9+.-]+)://(?<host>[^/\\\\?#]*)(?<rest>.*)", Pattern.CASE_INSENSITIVE);
    private static final Pattern LOCAL = Pattern.compile("(file|link|portal|workspace|exec):(?<path>.*)");
    private static final Pattern OTHER_MODULE = Pattern.compile("[^:@ ]+@v[^:@ ]+|npm:.*");
    private static final Pattern ARCHIVE = Pattern.compile(
            ".*\\.(tgz|tar|gz|bz2|xz|zip|whl|jar|egg|crate)|.*/(tar\\.gz|zip|tarball|zipball|archive)/.*",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern REPOSITORY = Pattern.compile(".*\\.git|.*#.*");
    private static final Pattern OUTSIDE = Pattern.compile("/.*|\\.\\.|\\.\\./.*|.*/\\.\\./.*");

    /** As programs that take addresses understand them: also one number, and hexadecimal ones. */
    private static final Pattern IP =
            Pattern.compile("(\\[[0-9a-f:.%]+\\]|(0x[0-9a-f]+|[0-9]+)(\\.(0x[0-9a-f]+|[0-9]+)){0,3})(:[0-9]*)?");

    private static final Pattern IP_WITHOUT_SCHEME = Pattern.compile("([0-9]{1,3}\\.){3}[0-9]{1,3}[:/].*");

    /** A package may come from each of several sources. */
    static List<Source> of(DetailEntry.Dependency each) {
        String text = each.source();
        return text == null || text.isBlank()
                ? List.of(CONFIGURED)
                : Arrays.stream(text.strip().split(" +")).map(Source::of).toList();
    }

    static Source of(@Nullable String raw) {
        if (raw == null || raw.isEmpty()) {
            return CONFIGURED;
        }
        int end = raw.length();
        while (end > 0 && raw.charAt(end - 1) == '/') {
            end--;
        }
        String text = raw.substring(0, end);
        Matcher url = URL.matcher(text);
        if (url.matches()) {
            return ofUrl(url);
        }
        Matcher local = LOCAL.matcher(text);
        if (local.matches()) {
            String path = local.group("path");
            boolean file =
                    OUTSIDE.matcher(path).matches() || ARCHIVE.matcher(path).matches();
            return new Source(file ? Kind.FILE : Kind.FOLDER, text, "");
        }
        if (text.startsWith("patch:")) {
            return new Source(Kind.PATCH, text, "");
        }
        return new Source(OTHER_MODULE.matcher(text).matches() ? Kind.OTHER_PACKAGE : Kind.UNKNOWN, text, "");
    }

    private static Source ofUrl(Matcher url) {
        String scheme = url.group("scheme").toLowerCase(Locale.ROOT);
        String authority = url.group("host").toLowerCase(Locale.ROOT);
        String host = authority.substring(authority.lastIndexOf('@') + 1);
        String rest = url.group("rest");
        boolean web = scheme.equals("https") || scheme.equals("http");
        Kind kind = Kind.REGISTRY;
        if (!web || REPOSITORY.matcher(rest).matches()) {
            kind = Kind.GIT;
        } else if (ARCHIVE.matcher(rest).matches()) {
            kind = Kind.ARCHIVE;
        }
        return new Source(kind, scheme + "://" + host + rest, host);
    }

    /** Whether it is expected to have the same content for a version forever. */
    boolean registry() {
        return kind == Kind.CONFIGURED || kind == Kind.REGISTRY;
    }

    /** Whether it is the user's own, so that its content changes with the repository. */
    boolean own() {
        return kind == Kind.FOLDER || kind == Kind.FILE || kind == Kind.PATCH;
    }

    /** What stays the same when the package has another version: neither commit nor version. */
    String origin(String version) {
        int fragment = kind == Kind.GIT ? text.indexOf('#') : -1;
        String where = fragment < 0 ? text : text.substring(0, fragment);
        return kind + " " + (version.isEmpty() ? where : where.replace(version, ""));
    }

    /** Why the source is suspicious without any change, the rest of a sentence about it; empty if it is not. */
    Optional<String> forbidden() {
        if (text.startsWith("http://") || text.startsWith("git+http://") || text.startsWith("git://")) {
            return Optional.of("which is not encrypted, so anyone on the way can answer");
        }
        return IP.matcher(host).matches() || IP_WITHOUT_SCHEME.matcher(text).matches()
                ? Optional.of("which is an address without a name")
                : Optional.empty();
    }

    @Override
    public String toString() {
        return kind == Kind.CONFIGURED ? kind.text : kind.text + " " + Found.quoted(text);
    }
}
