package dev.cleanroom.operator.environment;

/**
 * What the operator was installed with.
 *
 * @param namespace the operator's own: there are the keys of policies, and the canaries
 * @param toolsImage the reference of the image with gate and canary; verified like any other
 */
public record Installation(String namespace, String toolsImage) {}
