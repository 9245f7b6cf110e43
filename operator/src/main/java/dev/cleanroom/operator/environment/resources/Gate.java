package dev.cleanroom.operator.environment.resources;

import dev.cleanroom.operator.trust.VerifiedImage;
import java.util.List;

/**
 * What the first container of a build pod needs.
 *
 * @param image the tools image
 * @param canaries the addresses to measure against, at least one
 */
public record Gate(VerifiedImage image, List<String> canaries) {
    public Gate {
        canaries = List.copyOf(canaries);
        if (canaries.isEmpty()) {
            throw new IllegalArgumentException("a gate without a canary can only fail");
        }
    }
}
