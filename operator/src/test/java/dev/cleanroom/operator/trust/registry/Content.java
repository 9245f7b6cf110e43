package dev.cleanroom.operator.trust.registry;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Manifests and blobs that tests push, serve and lie about. */
public final class Content {
    public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String EMPTY = "application/vnd.oci.empty.v1+json";
    public static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";

    public static final byte[] CONFIG = bytes("{}");
    public static final byte[] LAYER = bytes("a layer");

    private Content() {}

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static Descriptor descriptor(String mediaType, byte[] content) {
        return new Descriptor(mediaType, Digest.of(content), content.length, null, Map.of(), null);
    }

    public static String json(Descriptor descriptor) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(descriptor.mediaType(), descriptor.digest(), descriptor.size());
    }

    public static String json(Descriptor descriptor, String platform) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"platform\":%s}"
                .formatted(descriptor.mediaType(), descriptor.digest(), descriptor.size(), platform);
    }

    /** An image of one layer; two names give two digests. */
    public static byte[] image(String name) {
        return bytes(
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s],\"annotations\":{\"name\":\"%s\"}}"
                        .formatted(
                                MANIFEST,
                                json(descriptor(EMPTY, CONFIG)),
                                json(descriptor("text/plain", LAYER)),
                                name));
    }

    /** A referrer of a digest, as cosign 3 writes bundles. */
    public static byte[] referrer(Descriptor subject, String name) {
        return bytes(
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"artifactType\":\"%s\",\"config\":%s,\"layers\":[%s],\"subject\":%s,\"annotations\":{\"name\":\"%s\"}}"
                        .formatted(
                                MANIFEST,
                                BUNDLE,
                                json(descriptor(EMPTY, CONFIG)),
                                json(descriptor(BUNDLE, LAYER)),
                                json(subject),
                                name));
    }

    /** @param manifests descriptors in JSON */
    public static byte[] index(String... manifests) {
        return bytes("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(INDEX, String.join(",", manifests)));
    }
}
