package dev.cleanroom.operator.environment.model;

import java.time.Instant;
import java.util.Optional;

/**
 * What, besides the status itself, decides when a changed status is written.
 *
 * @param differsSince since when the stored status has been out of date; empty if it was current when last checked
 * @param rush whether many environments are getting their pods at this moment
 */
public record StatusTiming(Optional<Instant> differsSince, boolean rush) {}
