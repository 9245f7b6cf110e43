package dev.cleanroom.operator.environment.acceptance;

/**
 * Something that keeps pods from being made.
 *
 * @param reason a constant of {@code Reasons}
 * @param message says what stands in the way, and which field to change or which command to run
 * @param stalled a person must change something; otherwise it goes away by itself
 * @param unwatched no event reports its end, so it is looked at again after a while
 */
public record Obstacle(String reason, String message, boolean stalled, boolean unwatched) {}
