package dev.cleanroom.operator.environment;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What other parts of the operator know, as functions that answer from memory.
 *
 * @param incidentRefusals why a held pod, by its uid, has no incident
 * @param outdatedRails which guard rails are not in force that know pods with phases; empty if all are
 */
public record Elsewhere(
        Function<String, Optional<String>> incidentRefusals, Supplier<Optional<String>> outdatedRails) {}
