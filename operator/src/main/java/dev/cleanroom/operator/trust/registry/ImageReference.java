package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.ReferenceMalformed;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A normalized reference to an image. The grammar and the normalization are those of distribution/reference, which
 * container runtimes use: a name without a registry is one of Docker Hub, and one of a single part is in its
 * {@code library}. The pod gets the normalized reference, so no node adds anything to it. It is stricter in four points:
 * hosts are in lower case, since patterns are matched against them, and therefore upper case alone does not mark a host;
 * a port is 1 to 65535 without leading zeros; a digest begins with {@code sha256:}; and all names of Docker Hub become
 * {@code docker.io}.
 *
 * @param tag null when there is a digest: beside a digest a tag decides nothing, and could only mislead
 */
public record ImageReference(
        Repository repository,
        @Nullable String tag,
        @Nullable Digest digest) {
    /**
     * The most characters of a reference. A repository's name of 255, a tag of 128, a digest and the separators are
     * fewer.
     */
    static final int MOST_CHARACTERS = 512;

    /**
     * The most characters of a repository's name with its host (distribution/reference, {@code NameTotalLengthMax}).
     */
    static final int MOST_NAME_CHARACTERS = 255;

    private static final String DEFAULT_TAG = "latest";

    /** Where Docker Hub has the repositories with names of a single part. */
    static final String LIBRARY = "library/";

    private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
    private static final Pattern HOST =
            Pattern.compile("(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[A-Fa-f0-9:]+])(?::[0-9]{1,5})?");
    private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
    private static final Pattern BARE_DIGEST = Pattern.compile("[a-f0-9]{64}");
    private static final int HIGHEST_PORT = 65_535;

    public ImageReference {
        if ((tag == null) == (digest == null)) {
            throw new IllegalArgumentException("a reference has a tag or a digest, not both");
        }
    }

    /** Fails with {@link FailureCode#ReferenceMalformed} and no other code. */
    public static RegistryAnswer<ImageReference> parse(String text) {
        return RegistryAnswer.of(() -> read(text));
    }

    private static ImageReference read(String text) throws RegistryException {
        if (text.length() > MOST_CHARACTERS) {
            throw malformed("it has more than " + MOST_CHARACTERS + " characters");
        }
        int at = text.indexOf('@');
        String named = at < 0 ? text : text.substring(0, at);
        int colon = named.lastIndexOf(':');
        boolean tagged = colon > named.lastIndexOf('/');
        Repository repository = repository(tagged ? named.substring(0, colon) : named);
        String tag = tagged ? named.substring(colon + 1) : DEFAULT_TAG;
        if (!TAG.matcher(tag).matches()) {
            throw malformed("the tag must be at most 128 letters, digits, '.', '_' and '-'");
        }
        return at < 0
                ? repository.at(tag)
                : repository.at(Digest.parse(text.substring(at + 1))
                        .orElseThrow(
                                () -> malformed("the digest must be sha256: and 64 lower-case hexadecimal digits")));
    }

    private static Repository repository(String name) throws RegistryException {
        if (BARE_DIGEST.matcher(name).matches()) {
            throw malformed("64 hexadecimal digits are read as a repository's name; write a digest as @sha256:...");
        }
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean hosted = first.contains(".") || first.contains(":") || first.equalsIgnoreCase("localhost");
        if (!hosted && !first.equals(first.toLowerCase(Locale.ROOT))) {
            // A node would take it for a registry, but in lower case for a path in Docker Hub.
            throw malformed("a registry's name without '.' or port must be in lower case, or have a port");
        }
        String registry = hosted ? host(first) : RegistryNames.DOCKER_HUB;
        String path = hosted ? name.substring(slash + 1) : name;
        if (RegistryNames.isDockerHub(registry)) {
            registry = RegistryNames.DOCKER_HUB;
            path = path.contains("/") ? path : LIBRARY + path;
        }
        if (registry.length() + 1 + path.length() > MOST_NAME_CHARACTERS) {
            throw malformed("the repository's name has more than " + MOST_NAME_CHARACTERS + " characters");
        }
        return new Repository(registry, path(path));
    }

    /** Checks {@code host[:port]}, and puts it in lower case. */
    static String host(String text) throws RegistryException {
        if (text.length() > MOST_NAME_CHARACTERS || !HOST.matcher(text).matches() || !isAuthority(text)) {
            throw malformed("the registry is not a host, or host:port");
        }
        String port = text.substring(text.lastIndexOf(':') + 1);
        if (text.lastIndexOf(':') > text.lastIndexOf(']')) {
            int number = Integer.parseInt(port);
            if (number < 1 || number > HIGHEST_PORT || port.startsWith("0")) {
                throw malformed("the registry's port is not between 1 and " + HIGHEST_PORT);
            }
        }
        return text.toLowerCase(Locale.ROOT);
    }

    /** The grammar accepts texts that cannot be a URL's host, such as 127.1 and [:::]. */
    private static boolean isAuthority(String text) {
        try {
            return new URI("https://" + text).getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** Checks the components of a repository's path. */
    static String path(String text) throws RegistryException {
        for (String component : text.split("/", -1)) {
            if (!COMPONENT.matcher(component).matches()) {
                throw malformed("each part of the repository's name must be lower-case letters and digits, with single"
                        + " '.', '_', '__' or dashes between them");
            }
        }
        return text;
    }

    private static RegistryException malformed(String problem) {
        return new RegistryException(
                ReferenceMalformed, "the reference is not [registry/]repository[:tag]: " + problem);
    }

    /** The tag or digest, as it follows {@code manifests/} in the API. */
    String manifest() {
        return digest == null ? String.valueOf(tag) : digest.toString();
    }

    @Override
    public String toString() {
        return repository + (digest == null ? ":" + tag : "@" + digest);
    }
}
