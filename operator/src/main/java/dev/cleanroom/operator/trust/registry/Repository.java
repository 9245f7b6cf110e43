package dev.cleanroom.operator.trust.registry;

import java.util.List;

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

    /** All names of the repository, the normalized one first, so that no way to write it avoids a policy. */
    public List<String> names() {
        boolean shortened = RegistryNames.isDockerHub(registry)
                && path.startsWith(ImageReference.LIBRARY)
                && path.indexOf('/') == path.lastIndexOf('/');
        List<String> paths = shortened ? List.of(path, path.substring(ImageReference.LIBRARY.length())) : List.of(path);
        return RegistryNames.all(registry).stream()
                .flatMap(host -> paths.stream().map(known -> host + "/" + known))
                .toList();
    }

    @Override
    public String toString() {
        return registry + "/" + path;
    }
}
