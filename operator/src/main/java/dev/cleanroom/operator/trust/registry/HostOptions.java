package dev.cleanroom.operator.trust.registry;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An administrator's settings for one host that serves a registry, a mirror, tokens or blobs.
 *
 * @param plainHttp whether it is asked without TLS
 * @param anyAddress whether it may have a loopback, link-local or metadata address
 * @param mirrors the registry's mirrors: asked first, in this order; never pushed to
 * @param mirrorsOnly whether the registry itself cannot be reached: it is never asked for reading, and the answer of
 *     the last mirror is final
 * @param caBundle the PEM certificates that replace the platform's certificate authorities for this host; null for the
 *     platform's
 */
public record HostOptions(
        boolean plainHttp,
        boolean anyAddress,
        List<Mirror> mirrors,
        boolean mirrorsOnly,
        @Nullable String caBundle) {
    /** HTTPS, no internal address, no mirror, the platform's certificate authorities. */
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
