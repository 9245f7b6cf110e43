package dev.cleanroom.operator.classes;

/**
 * Why an environment is not accepted.
 *
 * @param reason a constant of {@code Reasons}
 * @param message names the field and says what to write instead
 */
public record Refusal(String reason, String message) {}
