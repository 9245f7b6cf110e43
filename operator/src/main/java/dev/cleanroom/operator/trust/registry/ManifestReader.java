package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.Malformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.MediaTypeRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooMany;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.trust.registry.Manifest.Content;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parses a manifest (OCI image specification 1.1, manifest.md and image-index.md, and Docker's equivalents). The bytes
 * must be an image or an index, and must not be readable as the other: if the operator read an image and a node an
 * index, the node would run an image that was not verified (CVE-2021-41190).
 */
final class ManifestReader {
    static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    private static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    private static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    private static final Set<String> IMAGES = Set.of(OCI_MANIFEST, DOCKER_MANIFEST);
    private static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_LIST);

    /** The media types that a request for a manifest accepts. */
    static final String ACCEPTED = String.join(", ", OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST);

    /** The most layers of a manifest: cosign reads as many signatures of one. */
    static final int MOST_LAYERS = 1_000;

    /** The most manifests of an index. */
    static final int MOST_MANIFESTS = 1_000;

    private ManifestReader() {}

    /**
     * @param digest of the bytes
     * @param contentType the media type that the registry reports; the one in the bytes decides, and if both are
     *     present they must agree
     */
    static Manifest read(byte[] bytes, Digest digest, @Nullable String contentType) throws RegistryException {
        ObjectNode json = StrictJson.object(bytes, Malformed, "the manifest");
        String mediaType = mediaType(StrictJson.text(json, "mediaType"), contentType);
        if (!json.path("schemaVersion").isInt() || json.path("schemaVersion").intValue() != 2) {
            throw new RegistryException(MediaTypeRefused, "the manifest's schema is not version 2");
        }
        boolean likeImage = json.has("layers") || json.has("config");
        boolean likeIndex = json.has("manifests");
        if (likeImage && likeIndex) {
            throw new RegistryException(Malformed, "the manifest can be read as an image and as an index");
        }
        Content content = new Content(mediaType, digest, bytes);
        if (IMAGES.contains(mediaType) && !likeIndex) {
            return new Manifest.Image(
                    content,
                    StrictJson.text(json, "artifactType"),
                    descriptor(json.path("config")),
                    descriptors(json.path("layers"), MOST_LAYERS),
                    subject(json),
                    StrictJson.texts(json, "annotations"));
        }
        if (INDEXES.contains(mediaType) && !likeImage) {
            return new Manifest.Index(
                    content,
                    StrictJson.text(json, "artifactType"),
                    descriptors(json.path("manifests"), MOST_MANIFESTS),
                    subject(json),
                    StrictJson.texts(json, "annotations"));
        }
        throw new RegistryException(Malformed, "the manifest's content is not what its media type says");
    }

    /**
     * The descriptors of a list of referrers that can be parsed, and how many cannot: one invalid descriptor must not
     * hide the others.
     */
    static Referrers referrers(byte[] bytes) throws RegistryException {
        ObjectNode json = StrictJson.object(bytes, Malformed, "the list of referrers");
        if (!json.path("manifests").isArray()) {
            throw new RegistryException(Malformed, "the list of referrers has no manifests");
        }
        List<Descriptor> read = new ArrayList<>();
        int malformed = 0;
        for (JsonNode item : json.path("manifests")) {
            try {
                read.add(descriptor(item));
            } catch (RegistryException e) {
                malformed++;
            }
        }
        return new Referrers(read, malformed, null);
    }

    static boolean isIndex(Descriptor descriptor) {
        return INDEXES.contains(descriptor.mediaType());
    }

    /** The type without parameters, in lower case. */
    static @Nullable String essence(@Nullable String contentType) {
        return contentType == null ? null : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    private static String mediaType(@Nullable String own, @Nullable String contentType) throws RegistryException {
        String reported = essence(contentType);
        boolean reportedKnown = reported != null && (IMAGES.contains(reported) || INDEXES.contains(reported));
        if (own == null && reportedKnown && reported != null) {
            return reported;
        }
        if (own == null || !(IMAGES.contains(own) || INDEXES.contains(own))) {
            throw new RegistryException(MediaTypeRefused, "the manifest is neither an OCI nor a Docker image or index");
        }
        if (reportedKnown && !own.equals(reported)) {
            throw new RegistryException(
                    Malformed, "the media type in the manifest is not the one that the registry reports");
        }
        return own;
    }

    private static @Nullable Descriptor subject(ObjectNode manifest) throws RegistryException {
        JsonNode subject = manifest.get("subject");
        return subject == null || subject.isNull() ? null : descriptor(subject);
    }

    private static List<Descriptor> descriptors(JsonNode list, int most) throws RegistryException {
        if (!list.isArray()) {
            throw new RegistryException(Malformed, "the manifest has no list of layers or manifests");
        }
        if (list.size() > most) {
            throw new RegistryException(TooMany, "the manifest lists more than " + most + " layers or manifests");
        }
        List<Descriptor> read = new ArrayList<>(list.size());
        for (JsonNode item : list) {
            read.add(descriptor(item));
        }
        return List.copyOf(read);
    }

    private static Descriptor descriptor(JsonNode json) throws RegistryException {
        String mediaType = StrictJson.text(json, "mediaType");
        String digest = StrictJson.text(json, "digest");
        JsonNode size = json.path("size");
        if (mediaType == null
                || digest == null
                || !size.isIntegralNumber()
                || !size.canConvertToLong()
                || size.longValue() < 0) {
            throw new RegistryException(Malformed, "a descriptor lacks media type, digest or size");
        }
        return new Descriptor(
                mediaType,
                Digest.parse(digest)
                        .orElseThrow(() -> new RegistryException(Malformed, "a descriptor's digest is not SHA-256")),
                size.longValue(),
                StrictJson.text(json, "artifactType"),
                StrictJson.texts(json, "annotations"),
                platform(json.get("platform")));
    }

    private static @Nullable Platform platform(@Nullable JsonNode json) throws RegistryException {
        if (json == null) {
            return null;
        }
        String os = StrictJson.text(json, "os");
        String architecture = StrictJson.text(json, "architecture");
        return os == null || architecture == null
                ? null
                : new Platform(os, architecture, StrictJson.text(json, "variant"));
    }
}
