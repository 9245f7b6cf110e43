package dev.cleanroom.operator.trust.registry;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A manifest whose bytes have the digest that it is known by (OCI image specification 1.1, manifest.md, image-index.md). */
public sealed interface Manifest {

    Content content();

    @Nullable String artifactType();

    /** What this is a referrer of, by its own word: whoever may push can write anything here. */
    @Nullable Descriptor subject();

    Map<String, String> annotations();

    default Digest digest() {
        return content().digest();
    }

    /** The bytes as they came, which the digest is of. */
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

        /** One index more: its images would run, and none of them was held against what is denied. */
        public boolean hasIndex() {
            return manifests.stream().anyMatch(ManifestReader::isIndex);
        }

        /** The first that serves the platform, as container runtimes choose. */
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
