package dev.cleanroom.operator.trust.registry;

import org.jspecify.annotations.Nullable;

/** The platform of an image, with Go's names (OCI image specification 1.1, image-index.md). */
public record Platform(
        String os, String architecture, @Nullable String variant) {

    /**
     * Parses {@code os/architecture} or {@code os/architecture/variant}. For any other text the result matches no
     * image.
     */
    public static Platform parse(String text) {
        String[] parts = text.split("/", 3);
        return new Platform(parts[0], parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : null);
    }

    /** Whether an image for this platform serves the wanted one; a wanted platform without a variant accepts any. */
    boolean serves(Platform wanted) {
        return os.equals(wanted.os)
                && architecture.equals(wanted.architecture)
                && (wanted.variant == null || wanted.variant.equals(variant));
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant == null ? "" : "/" + variant);
    }
}
