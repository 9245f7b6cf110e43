package dev.cleanroom.operator.trust.registry;

import java.util.List;
import java.util.stream.Stream;

/**
 * The names of one registry. Docker Hub has three (distribution/reference, {@code normalize.go}, has two of them, and
 * the third serves its API), and the port of HTTPS may be left out. Policies, credentials and an administrator's
 * settings are for the registry, whichever of its names was written.
 */
final class RegistryNames {
    /** The name of Docker Hub in a normalized reference. */
    static final String DOCKER_HUB = "docker.io";

    private static final String DOCKER_HUB_API = "registry-1.docker.io";
    private static final List<String> DOCKER_HUB_NAMES = List.of(DOCKER_HUB, "index.docker.io", DOCKER_HUB_API);
    private static final String HTTPS_PORT = ":443";

    private RegistryNames() {}

    /** The name by which registries are compared. */
    static String usual(String registry) {
        String host = registry.endsWith(HTTPS_PORT)
                ? registry.substring(0, registry.length() - HTTPS_PORT.length())
                : registry;
        return DOCKER_HUB_NAMES.contains(host) ? DOCKER_HUB : host;
    }

    static boolean isDockerHub(String registry) {
        return usual(registry).equals(DOCKER_HUB);
    }

    /** All names of the registry; the given one is the first. */
    static List<String> all(String registry) {
        String usual = usual(registry);
        List<String> hosts = usual.equals(DOCKER_HUB) ? DOCKER_HUB_NAMES : List.of(usual);
        Stream<String> names =
                hosts.stream().flatMap(host -> hasPort(host) ? Stream.of(host) : Stream.of(host, host + HTTPS_PORT));
        return Stream.concat(Stream.of(registry), names).distinct().toList();
    }

    /** The host, and the port if there is one, that serves the registry's API. */
    static String api(String registry) {
        return isDockerHub(registry) ? DOCKER_HUB_API : registry;
    }

    /** Colons between brackets belong to an IPv6 address. */
    static boolean hasPort(String registry) {
        return registry.lastIndexOf(':') > registry.lastIndexOf(']');
    }
}
