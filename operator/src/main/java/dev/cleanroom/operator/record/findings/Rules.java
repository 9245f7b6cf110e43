package dev.cleanroom.operator.record.findings;

import java.time.LocalDate;
import java.util.List;

/**
 * What the user decided about findings.
 *
 * @param internalNames names of packages that never come from a public registry; {@code *} stands for any characters
 * @param today the day of the run, in UTC
 */
public record Rules(List<String> internalNames, LocalDate today) {}
