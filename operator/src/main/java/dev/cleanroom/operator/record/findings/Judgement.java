package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Verdict;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** @param findings the most severe first */
public record Judgement(Verdict verdict, List<Finding> findings) {
    /**
     * How severe the findings are together: two that are High, of different indicators, are as one that is Critical. Empty if
     * there are none.
     */
    public Optional<Severity> together() {
        long indicators = findings.stream()
                .filter(found -> severity(found) == Severity.High)
                .map(found -> found.key().substring(0, found.key().indexOf(':')))
                .distinct()
                .count();
        return indicators > 1
                ? Optional.of(Severity.Critical)
                : findings.stream().map(Judgement::severity).max(Severity::compareTo);
    }

    /** Of a severity that this version does not know, nothing is assumed but that it matters. */
    static Severity severity(Finding found) {
        return Objects.requireNonNullElse(found.severity(), Severity.Critical);
    }
}
