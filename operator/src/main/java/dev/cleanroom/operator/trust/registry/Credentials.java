package dev.cleanroom.operator.trust.registry;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who may be told to which registry: one tenant's, never a mixture of several tenants'. Immutable; prints no secret.
 *
 * @param entries of which the longest that matches is taken, and of equally long ones the first
 */
public record Credentials(List<Entry> entries) {
    /** Asks as nobody. */
    public static final Credentials NONE = new Credentials(List.of());

    public Credentials {
        entries = List.copyOf(entries);
    }

    /**
     * @param host {@code host[:port]} in lower case; a '*' stands for any part of one label, as for a kubelet
     * @param path components that a repository's path starts with; empty for every repository
     */
    public record Entry(String host, String path, Credential credential) {

        /** Whole components: what is for {@code team} is not for {@code team-b}. */
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

        /** One star a label at most: {@link PullSecrets} lets no more in. */
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

    /** These first: of equally long entries they win. */
    public Credentials and(Credentials others) {
        return new Credentials(
                Stream.concat(entries.stream(), others.entries().stream()).toList());
    }

    Optional<Credential> matching(String registry, String repository) {
        return entries.stream()
                .filter(entry -> entry.matches(registry, repository))
                // Of equals the first in the list: max() would take the last.
                .sorted(Comparator.comparingInt(Entry::length).reversed())
                .findFirst()
                .map(Entry::credential);
    }

    @Override
    public String toString() {
        return "Credentials[" + entries.size() + " withheld]";
    }
}
