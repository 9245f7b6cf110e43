package dev.cleanroom.operator.trust.registry;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a repository is served (OCI distribution specification 1.1, "Endpoints"): by its registry, or by a mirror.
 *
 * @param registry the host by which credentials are chosen
 * @param base scheme and authority
 * @param repository the path on that host
 */
record Endpoint(String registry, URI base, String repository) {
    static Endpoint own(Repository repository, RegistryOptions options) {
        return new Endpoint(repository.registry(), base(repository.registry(), options), repository.path());
    }

    /** The endpoints that are asked for reading, in this order; the answer of the last one is final. */
    static List<Endpoint> sources(Repository repository, RegistryOptions options) {
        List<Endpoint> sources = new ArrayList<>(mirrors(repository, options));
        if (!options.of(repository.registry()).mirrorsOnly()) {
            sources.add(own(repository, options));
        }
        return sources;
    }

    private static List<Endpoint> mirrors(Repository repository, RegistryOptions options) {
        List<Endpoint> mirrors = new ArrayList<>();
        for (Mirror mirror : options.of(repository.registry()).mirrors()) {
            mirrors.add(new Endpoint(mirror.host(), base(mirror.host(), options), mirror.path() + repository.path()));
        }
        return mirrors;
    }

    private static URI base(String host, RegistryOptions options) {
        return URI.create((options.of(host).plainHttp() ? "http://" : "https://") + RegistryNames.api(host));
    }

    URI manifest(String tagOrDigest) {
        return api("manifests/" + tagOrDigest);
    }

    URI blob(Digest digest) {
        return api("blobs/" + digest);
    }

    URI uploads() {
        return api("blobs/uploads/");
    }

    URI referrers(Digest digest) {
        return api("referrers/" + digest);
    }

    /** Whether credentials for this registry may be sent to the address. */
    boolean isOriginOf(URI uri) {
        return sameOrigin(base, uri);
    }

    /** Compares scheme, host and port (RFC 6454, section 5). */
    static boolean sameOrigin(URI one, URI other) {
        return one.getScheme().equals(other.getScheme())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && port(one) == port(other);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equals("https") ? 443 : 80;
    }

    private URI api(String path) {
        return base.resolve("/v2/" + repository + "/" + path);
    }
}
