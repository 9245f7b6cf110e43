package dev.cleanroom.operator.trust.registry;

import org.jspecify.annotations.Nullable;

/** What an image runs on, in Go's words (OCI image specification 1.1, image-index.md). */
public record Platform(
        String os, String architecture, @Nullable String variant) {

    /** Of {@code os/architecture} or {@code os/architecture/variant}; whatever else the text is, no image is for it. */
    public static Platform parse(String text) {
        String[] parts = text.split("/", 3);
        return new Platform(parts[0], parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : null);
    }

    /** Whether an image for this platform is one for the wanted; a wanted platform without a variant takes any. */
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
