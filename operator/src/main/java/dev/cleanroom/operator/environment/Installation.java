package dev.cleanroom.operator.environment;

/**
 * The settings with which the operator was installed.
 *
 * @param namespace the operator's own namespace, which contains the canaries and the keys of policies
 * @param toolsImage the reference of the image with gate and canary, which is verified like any other image
 */
public record Installation(String namespace, String toolsImage) {}
