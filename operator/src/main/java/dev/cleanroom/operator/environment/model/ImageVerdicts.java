package dev.cleanroom.operator.environment.model;

import dev.cleanroom.operator.trust.ImageDecision;
import java.util.Map;

/**
 * What is known of images.
 *
 * @param decisions on each image reference of the spec, and the tools image's, that there is one on
 * @param denied digests that must not go on running, each with why; others may be denied and still go on
 * @param tools the reference of our own image, which every pod starts with
 */
public record ImageVerdicts(Map<String, ImageDecision> decisions, Map<String, String> denied, String tools) {
    public ImageVerdicts {
        decisions = Map.copyOf(decisions);
        denied = Map.copyOf(denied);
    }
}
