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
 * @param text without a slash at its end
 * @param host in lower case, with the port if there is one; empty if there is none
 */
record Source(Kind kind, String text, String host) {
    /** How far a source may be trusted to have one content for a version. */
    enum Kind {
        /** The registry that the package manager is configured with. */
        CONFIGURED("the configured registry"),
        /** A URL that may be that of a registry. */
        REGISTRY("a registry"),
        /** One archive at a URL. */
        ARCHIVE("an archive at a URL"),
        GIT("a repository of Git"),
        /** A file or folder of the workspace. */
        LOCAL("a file or folder"),
        /** Another package under this name, as by a replacement in go.mod. */
        OTHER_PACKAGE("another package"),
        /** Nothing that is understood here. */
        UNKNOWN("a source that is not understood");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    static final Source CONFIGURED_REGISTRY = new Source(Kind.CONFIGURED, "", "");

    private static final Pattern URL =
            Pattern.compile("(?<scheme>[a-z0-9+.-]+)://(?<host>[^/\\\\?#]*)(?<rest>.*)", Pattern.CASE_INSENSITIVE);
    private static final Pattern LOCAL_PATH = Pattern.compile("(file|link|portal|patch|workspace|exec):.*");
    private static final Pattern OTHER_MODULE = Pattern.compile("[^:@ ]+@v[^:@ ]+|npm:.*");
    private static final Pattern ARCHIVE_PATH = Pattern.compile(
            ".*\\.(tgz|tar|gz|bz2|xz|zip|whl|jar|egg|crate)|.*/(tar\\.gz|zip|tarball|zipball|archive)/.*",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern IP =
            Pattern.compile("(\\[[0-9a-f:.%]+\\]|[0-9]+(\\.[0-9]+){0,3}|0x[0-9a-f.x]+)(:[0-9]*)?");

    /** A package may come from each of several sources. */
    static List<Source> of(DetailEntry.Dependency each) {
        String text = each.source();
        return text == null || text.isBlank()
                ? List.of(CONFIGURED_REGISTRY)
                : Arrays.stream(text.strip().split(" +")).map(Source::of).toList();
    }

    static Source of(@Nullable String raw) {
        if (raw == null || raw.isEmpty()) {
            return CONFIGURED_REGISTRY;
        }
        String text = raw.replaceAll("/+$", "");
        Matcher url = URL.matcher(text);
        if (url.matches()) {
            String scheme = url.group("scheme").toLowerCase(Locale.ROOT);
            String host = url.group("host").toLowerCase(Locale.ROOT);
            String rest = url.group("rest");
            boolean web = scheme.equals("https") || scheme.equals("http");
            Kind kind = !web || rest.matches(".*\\.git(#.*)?") || rest.contains("#")
                    ? Kind.GIT
                    : ARCHIVE_PATH.matcher(rest).matches() ? Kind.ARCHIVE : Kind.REGISTRY;
            return new Source(kind, scheme + "://" + host + rest, host);
        }
        if (LOCAL_PATH.matcher(text).matches()) {
            return new Source(Kind.LOCAL, text, "");
        }
        return new Source(OTHER_MODULE.matcher(text).matches() ? Kind.OTHER_PACKAGE : Kind.UNKNOWN, text, "");
    }

    /** Whether the content that it has for a version is expected to stay. */
    boolean immutable() {
        return kind == Kind.CONFIGURED || kind == Kind.REGISTRY;
    }

    /** What stays the same when the package has another version: neither commit nor version. */
    String withoutVersion(String version) {
        String repository = kind == Kind.GIT ? text.replaceFirst("#.*$", "") : text;
        return version.isEmpty() ? repository : repository.replace(version, "");
    }

    /** Why no change is needed for this source to be suspicious; empty if it is not. */
    Optional<String> forbidden() {
        if (text.matches("(git\\+)?http://.*")) {
            return Optional.of("which is not encrypted, so anyone on the way can answer");
        }
        return IP.matcher(host).matches() ? Optional.of("which is an address without a name") : Optional.empty();
    }

    @Override
    public String toString() {
        return kind == Kind.CONFIGURED ? kind.text : kind.text + ", " + Found.quoted(text);
    }
}
