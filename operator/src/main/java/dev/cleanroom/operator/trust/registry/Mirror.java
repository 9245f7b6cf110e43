package dev.cleanroom.operator.trust.registry;

/**
 * Another host with a registry's content.
 *
 * @param path the prefix of the registry's repositories on this host, with a slash at its end; empty if there is none
 */
public record Mirror(String host, String path) {

    /**
     * @param text {@code host[:port]} or {@code host[:port]/path}
     * @throws IllegalArgumentException for anything else
     */
    public static Mirror parse(String text) {
        int slash = text.indexOf('/');
        try {
            return slash < 0
                    ? new Mirror(ImageReference.host(text), "")
                    : new Mirror(
                            ImageReference.host(text.substring(0, slash)),
                            ImageReference.path(text.substring(slash + 1)) + "/");
        } catch (RegistryException e) {
            throw new IllegalArgumentException("not a mirror, host[:port] or host[:port]/path: " + text, e);
        }
    }
}
