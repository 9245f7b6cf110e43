package dev.cleanroom.operator.record.findings;

/**
 * The last good run.
 *
 * @param record the name of its record
 */
public record KnownGood(String record, RunFacts facts) {}
