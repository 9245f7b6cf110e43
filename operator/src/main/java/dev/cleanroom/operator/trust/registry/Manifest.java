package dev.cleanroom.operator.trust.registry;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A manifest whose bytes have its digest (OCI image specification 1.1, manifest.md, image-index.md). */
public sealed interface Manifest {

    Content content();

    @Nullable String artifactType();

    /** The subject of which this claims to be a referrer. Anyone with the right to push can write anything here. */
    @Nullable Descriptor subject();

    Map<String, String> annotations();

    default Digest digest() {
        return content().digest();
    }

    /** The bytes as they were received: the digest is computed from them. */
    record Content(String mediaType, Digest digest, byte[] bytes) {}

    record Image(
            Content content,
            @Nullable String artifactType,
            Descriptor config,
            List<Descriptor> layers,
            @Nullable Descriptor subject,
            Map<String, String> annotations)
            implements Manifest {}

    record Index(
            Content content,
            @Nullable String artifactType,
            List<Descriptor> manifests,
            @Nullable Descriptor subject,
            Map<String, String> annotations)
            implements Manifest {

        /** Whether the index lists another index, whose images could run without a check for denied digests. */
        public boolean hasIndex() {
            return manifests.stream().anyMatch(ManifestReader::isIndex);
        }

        /** The first image for the platform, as container runtimes choose. */
        Descriptor choose(Platform platform) throws RegistryException {
            return manifests.stream()
                    .filter(child ->
                            child.platform() != null && child.platform().serves(platform))
                    .findFirst()
                    .orElseThrow(() -> new RegistryException(
                            FailureCode.PlatformMissing, "the index has no image for " + platform));
        }
    }
}
