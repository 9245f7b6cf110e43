package dev.cleanroom.operator.trust.registry;

import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The repositories that an entry of a pull secret is for. A name is read as a kubelet does (Kubernetes,
 * {@code pkg/credentialprovider/keyring.go}); in addition all names of one registry are the same ({@link RegistryNames}),
 * hosts are compared in lower case, and {@code /v1} is ignored without a slash after it, too.
 *
 * @param host the usual name of the registry; '*' stands for any part of one label
 * @param path the characters with which a repository's path begins; empty for every repository
 */
public record CredentialScope(String host, String path) {
    /** A kubelet's order: reversed, so that of two that match, a longer path comes first. */
    static final Comparator<CredentialScope> ORDER =
            Comparator.comparing(CredentialScope::toString).reversed();

    private static final Pattern SCHEME = Pattern.compile("^https?://");
    private static final Pattern QUERY = Pattern.compile("[?#].*$", Pattern.DOTALL);
    private static final Pattern HOST =
            Pattern.compile("(?:[a-z0-9._*-]{1,255}|\\[[0-9a-f:.]{1,255}])(?::[0-9]{1,5})?");
    private static final Pattern PATH = Pattern.compile("[\\x21-\\x7e]{0,255}");

    /** The version of the API that older clients wrote after the host. It is not part of a repository's path. */
    private static final Pattern API_VERSION = Pattern.compile("^/v[12](?=/|$)");

    /** Empty if the text names no registry. A user name in it is ignored, and never shown. */
    static Optional<CredentialScope> parse(String entry) {
        String address = QUERY.matcher(SCHEME.matcher(entry).replaceFirst("")).replaceFirst("");
        int slash = address.indexOf('/');
        String authority = slash < 0 ? address : address.substring(0, slash);
        String host = authority
                .substring(authority.lastIndexOf('@') + 1)
                .toLowerCase(Locale.ROOT)
                .replaceFirst(":$", "");
        String path = slash < 0
                ? ""
                : API_VERSION.matcher(address.substring(slash)).replaceFirst("").replaceFirst("^/", "");
        return HOST.matcher(host).matches() && PATH.matcher(path).matches()
                ? Optional.of(new CredentialScope(RegistryNames.usual(host), path))
                : Optional.empty();
    }

    /** An entry's name as it is written, so that a person finds it, but without a user, a password and a query. */
    static String shown(String entry) {
        return QUERY.matcher(entry).replaceFirst("").replaceFirst("^(https?://)?[^/]*@", "$1");
    }

    boolean matches(String registry, String repository) {
        String wanted = RegistryNames.usual(registry);
        return port(host).equals(port(wanted)) && hostMatches(name(wanted)) && repository.startsWith(path);
    }

    private boolean hostMatches(String name) {
        String[] patterns = name(host).split("\\.", -1);
        String[] labels = name.split("\\.", -1);
        if (patterns.length != labels.length) {
            return false;
        }
        for (int i = 0; i < labels.length; i++) {
            if (!labelMatches(patterns[i].split("\\*", -1), labels[i])) {
                return false;
            }
        }
        return true;
    }

    /** @param literals what is between the stars, which the label must contain in this order */
    private static boolean labelMatches(String[] literals, String label) {
        int last = literals.length - 1;
        if (last == 0) {
            return literals[0].equals(label);
        }
        int from = label.startsWith(literals[0]) ? literals[0].length() : -1;
        for (int i = 1; i < last && from >= 0; i++) {
            int at = label.indexOf(literals[i], from);
            from = at < 0 ? -1 : at + literals[i].length();
        }
        return from >= 0 && label.length() - from >= literals[last].length() && label.endsWith(literals[last]);
    }

    private static String name(String host) {
        return RegistryNames.hasPort(host) ? host.substring(0, host.lastIndexOf(':')) : host;
    }

    private static String port(String host) {
        return RegistryNames.hasPort(host) ? host.substring(host.lastIndexOf(':')) : "";
    }

    @Override
    public String toString() {
        return path.isEmpty() ? host : host + "/" + path;
    }
}
