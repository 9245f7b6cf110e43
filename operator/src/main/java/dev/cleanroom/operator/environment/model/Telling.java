package dev.cleanroom.operator.environment.model;

import java.time.Instant;
import java.util.Optional;

/**
 * What, besides the status itself, decides when it is told.
 *
 * @param differsSince since when the stored status is behind; empty when it was not at the last look
 * @param rush many environments are getting their pods at this moment
 */
public record Telling(Optional<Instant> differsSince, boolean rush) {}
