package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * How a run was judged.
 *
 * @param message why the run was not judged whole, and what to do
 * @param findings the first {@link #MOST_LISTED}, the highest severity first
 * @param count how many findings there are
 * @param comparedWith the record of the known-good run; empty if the run was compared with none
 * @param newDependencies how many of the dependencies the known-good run did not have; empty if that is not known
 */
public record JudgedRun(
        Verdict verdict,
        Optional<String> message,
        List<Finding> findings,
        int count,
        Optional<String> comparedWith,
        Optional<Integer> newDependencies) {
    /** How many findings a record lists. */
    static final int MOST_LISTED = 50;

    public JudgedRun {
        findings = findings.stream().limit(MOST_LISTED).toList();
    }

    static JudgedRun without(Verdict verdict, String message) {
        return new JudgedRun(verdict, Optional.of(message), List.of(), 0, Optional.empty(), Optional.empty());
    }

    /** The worst finding, if it is of severity High or more. */
    public Optional<Finding> worst() {
        return findings.stream().findFirst().filter(finding -> isAtLeast(finding, Severity.High));
    }

    /** Whether it was observed whole, and nothing of severity High or more was found. */
    public boolean isGood() {
        return verdict == Verdict.Clean || verdict == Verdict.Learning;
    }

    /** The highest severity and the count, for a column. */
    public String summary() {
        return findings.isEmpty() ? "None" : findings.getFirst().severity() + " (" + count + ")";
    }

    private static boolean isAtLeast(Finding finding, Severity least) {
        return finding.severity() != null && finding.severity().compareTo(least) >= 0;
    }
}
