package dev.cleanroom.operator.environment;

import dev.cleanroom.operator.record.RunLogs;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What other parts of the operator know, as functions that answer from memory.
 *
 * @param incidentRefusals why a held pod, by its uid, has no incident
 * @param runLogs reads what observers saw
 * @param preparingNotReady why no pod may be created preparing yet, as a sentence; empty if the guard rails that know such pods are in force
 */
public record Elsewhere(
        Function<String, Optional<String>> incidentRefusals,
        Supplier<Optional<String>> preparingNotReady,
        RunLogs runLogs) {}
