package dev.cleanroom.operator.trust.registry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an administrator says about one host that serves a registry, a mirror, tokens or blobs.
 *
 * @param plainHttp it is asked without TLS
 * @param anyAddress it may be at a loopback, link-local or metadata address
 * @param mirrors of a registry: asked first, in this order; never pushed to
 * @param mirrorsOnly the registry itself is out of reach: it is never asked for reading, and what the last mirror says is
 *     final
 * @param caBundle PEM certificates that its own must chain to, in place of the platform's; null for the platform's
 */
public record HostOptions(
        boolean plainHttp,
        boolean anyAddress,
        List<Mirror> mirrors,
        boolean mirrorsOnly,
        @Nullable String caBundle) {
    /** HTTPS, no internal address, no mirror, the platform's authorities. */
    public static final HostOptions STRICT = new HostOptions(false, false, List.of(), null);

    public HostOptions {
        mirrors = List.copyOf(mirrors);
        if (mirrorsOnly && mirrors.isEmpty()) {
            throw new IllegalArgumentException("mirrorsOnly needs mirrors");
        }
    }

    public HostOptions(boolean plainHttp, boolean anyAddress, List<Mirror> mirrors, @Nullable String caBundle) {
        this(plainHttp, anyAddress, mirrors, false, caBundle);
    }
}
