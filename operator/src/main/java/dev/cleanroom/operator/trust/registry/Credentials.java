package dev.cleanroom.operator.trust.registry;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One tenant's credentials by registry, never a mixture of several tenants'. Immutable; prints no secret.
 *
 * @param entries all that match are tried in turn, in a kubelet's order; those with the same name as they are listed
 * @param unused what cannot be used, so that a message can say why there are no credentials
 */
public record Credentials(List<Entry> entries, List<Unused> unused) {
    /** Asks anonymously. */
    public static final Credentials NONE = new Credentials(List.of(), List.of());

    /** How many unused entries a message names. */
    private static final int MOST_NAMED = 3;

    public Credentials {
        entries = List.copyOf(entries);
        unused = List.copyOf(unused);
    }

    public record Entry(CredentialScope scope, Credential credential) {}

    /**
     * An entry of a Secret, or a whole Secret, that contains no credentials.
     *
     * @param scope empty if it is not known what it is for
     * @param reason what is not used, and why; of the Secret's value it has only the names of registries
     */
    public record Unused(String secret, Optional<CredentialScope> scope, String reason) {

        private boolean mayConcern(String registry, String repository) {
            return scope.isEmpty() || scope.get().matches(registry, repository);
        }

        @Override
        public String toString() {
            return "Secret " + secret + ": " + reason;
        }
    }

    /** The entries of this object come first, so they win among those with the same name. */
    public Credentials and(Credentials others) {
        return new Credentials(
                Stream.concat(entries.stream(), others.entries.stream()).toList(),
                Stream.concat(unused.stream(), others.unused.stream()).toList());
    }

    List<Credential> matching(String registry, String repository) {
        return entries.stream()
                .filter(entry -> entry.scope.matches(registry, repository))
                .sorted(Comparator.comparing(Entry::scope, CredentialScope.ORDER))
                .map(Entry::credential)
                .distinct()
                .toList();
    }

    /** What a message about a missing right adds: each part begins with "; ". */
    String unusedFor(String registry, String repository) {
        List<Unused> concerned = unused.stream()
                .filter(entry -> entry.mayConcern(registry, repository))
                .toList();
        String more = concerned.size() > MOST_NAMED ? "; and " + (concerned.size() - MOST_NAMED) + " more" : "";
        return concerned.stream().limit(MOST_NAMED).map(entry -> "; " + entry).collect(Collectors.joining()) + more;
    }

    @Override
    public String toString() {
        return "Credentials[" + entries.size() + " withheld]";
    }
}
