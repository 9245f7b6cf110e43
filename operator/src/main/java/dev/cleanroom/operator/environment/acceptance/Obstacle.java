package dev.cleanroom.operator.environment.acceptance;

/**
 * Something that prevents pods from being created.
 *
 * @param reason a constant of {@code Reasons}
 * @param message says what prevents it, and which field to change or which command to run
 * @param stalled a person must change something; otherwise the obstacle disappears without one
 * @param unwatched no event reports its end, so it is checked again after a while
 */
public record Obstacle(String reason, String message, boolean stalled, boolean unwatched) {}
