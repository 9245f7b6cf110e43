package dev.cleanroom.operator.record.findings;

import java.util.Map;
import java.util.Set;

/** Hosts from which anyone can publish packages. */
final class PublicHosts {
    /** Registries by host, each with the host that stands for all of its hosts. */
    private static final Map<String, String> REGISTRIES = Map.of(
            "registry.npmjs.org", "registry.npmjs.org",
            "registry.yarnpkg.com", "registry.npmjs.org",
            "pypi.org", "pypi.org",
            "files.pythonhosted.org", "pypi.org",
            "index.crates.io", "index.crates.io",
            "static.crates.io", "index.crates.io",
            "repo.maven.apache.org", "repo.maven.apache.org",
            "repo1.maven.org", "repo.maven.apache.org",
            "proxy.golang.org", "proxy.golang.org");

    private static final Set<String> REPOSITORIES = Set.of(
            "github.com",
            "codeload.github.com",
            "raw.githubusercontent.com",
            "gitlab.com",
            "bitbucket.org",
            "codeberg.org");

    private PublicHosts() {}

    /** The host, or the one that stands for the same public registry. */
    static String canonical(String host) {
        return REGISTRIES.getOrDefault(host, host);
    }

    static boolean registry(String host) {
        return REGISTRIES.containsKey(host);
    }

    static boolean any(String host) {
        return registry(host) || REPOSITORIES.contains(host);
    }
}
