package dev.cleanroom.operator.trust.registry;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One tenant's credentials by registry, never a mixture of several tenants'. Immutable; prints no secret.
 *
 * @param entries the longest that matches is used, and among equally long ones the first
 */
public record Credentials(List<Entry> entries) {
    /** Asks anonymously. */
    public static final Credentials NONE = new Credentials(List.of());

    public Credentials {
        entries = List.copyOf(entries);
    }

    /**
     * @param host {@code host[:port]} in lower case; '*' stands for any part of one label, as in the kubelet
     * @param path the components with which a repository's path starts; empty for every repository
     */
    public record Entry(String host, String path, Credential credential) {

        /** Compares whole components: {@code team} does not match {@code team-b}. */
        private boolean matches(String registry, String repository) {
            return hostMatches(registry)
                    && (path.isEmpty() || repository.equals(path) || repository.startsWith(path + "/"));
        }

        private boolean hostMatches(String registry) {
            String[] patterns = host.split("\\.", -1);
            String[] labels = registry.split("\\.", -1);
            if (patterns.length != labels.length) {
                return false;
            }
            for (int i = 0; i < labels.length; i++) {
                if (!labelMatches(patterns[i], labels[i])) {
                    return false;
                }
            }
            return true;
        }

        /** A label has one star at most: {@link PullSecrets} refuses more. */
        private static boolean labelMatches(String pattern, String label) {
            int star = pattern.indexOf('*');
            return star < 0
                    ? pattern.equals(label)
                    : label.length() >= pattern.length() - 1
                            && label.startsWith(pattern.substring(0, star))
                            && label.endsWith(pattern.substring(star + 1));
        }

        private int length() {
            return host.length() + path.length();
        }
    }

    /** The entries of this object come first, so they win among equally long ones. */
    public Credentials and(Credentials others) {
        return new Credentials(
                Stream.concat(entries.stream(), others.entries().stream()).toList());
    }

    Optional<Credential> matching(String registry, String repository) {
        return entries.stream()
                .filter(entry -> entry.matches(registry, repository))
                // The first among equals is wanted: max() would take the last.
                .sorted(Comparator.comparingInt(Entry::length).reversed())
                .findFirst()
                .map(Entry::credential);
    }

    @Override
    public String toString() {
        return "Credentials[" + entries.size() + " withheld]";
    }
}
