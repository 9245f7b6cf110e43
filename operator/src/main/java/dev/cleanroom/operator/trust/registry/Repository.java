package dev.cleanroom.operator.trust.registry;

/**
 * A repository by its normalized name, created by {@link ImageReference}.
 *
 * @param registry host, in lower case, and the port if it is named
 * @param path lower-case components, separated by slashes
 */
public record Repository(String registry, String path) {

    public ImageReference at(Digest digest) {
        return new ImageReference(this, null, digest);
    }

    /** The tag must be valid by the grammar, as those of {@link Digest} are. */
    public ImageReference at(String tag) {
        return new ImageReference(this, tag, null);
    }

    @Override
    public String toString() {
        return registry + "/" + path;
    }
}
