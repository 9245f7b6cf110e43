package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Verdict;
import java.util.List;
import java.util.Objects;

/** @param findings the most severe first */
public record Judgement(Verdict verdict, List<Finding> findings) {
    /** A severity that this version does not know counts as the highest. */
    static Severity severity(Finding found) {
        return Objects.requireNonNullElse(found.severity(), Severity.Critical);
    }
}
