package dev.cleanroom.operator.environment.model;

import dev.cleanroom.operator.trust.ImageDecision;
import java.util.Map;

/**
 * What is known about images.
 *
 * @param byReference the decisions on the image references of the spec and on the tools image, as far as there are
 *     any
 * @param denied digests that must not continue to run, each with the reason; other digests may be denied and
 *     continue to run
 * @param tools the reference of the tools image, with which every pod starts
 */
public record ImageDecisions(Map<String, ImageDecision> byReference, Map<String, String> denied, String tools) {
    public ImageDecisions {
        byReference = Map.copyOf(byReference);
        denied = Map.copyOf(denied);
    }
}
