package dev.cleanroom.operator.trust.registry;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names content by its digest (OCI image specification 1.1, descriptor.md). Everything in it but digest and size is a
 * hint. Its {@code urls} and {@code data} are never followed or read.
 *
 * @param size bytes
 */
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        @Nullable String artifactType,
        Map<String, String> annotations,
        @Nullable Platform platform) {}
