package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.api.v1alpha1.Verdict;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Judges a run by what changed since the last good one, and by the rules that need none. */
public final class Judge {
    private static final List<Indicator> INDICATORS =
            List.of(new NewSource(), new SameVersion(), new InstallCode(), new UnreadInput());

    private static final Comparator<Finding> ORDER =
            Comparator.comparing(Judgement::severity, Comparator.reverseOrder()).thenComparing(Finding::key);

    private Judge() {}

    /** @param baseline the last good run; empty in a first run */
    public static Judgement judge(RunFacts run, Optional<KnownGood> baseline) {
        if (run.reading() == null) {
            return new Judgement(Verdict.Unobserved, List.of());
        }
        Comparison comparison = Comparison.of(run, baseline);
        List<Finding> findings = INDICATORS.stream()
                .flatMap(indicator -> indicator.judge(comparison).stream())
                .map(Found::finding)
                .sorted(ORDER)
                .collect(Collectors.toMap(Finding::key, each -> each, (worst, _) -> worst, LinkedHashMap::new))
                .values()
                .stream()
                .toList();
        return new Judgement(verdict(comparison, findings), findings);
    }

    private static Verdict verdict(Comparison comparison, List<Finding> findings) {
        RunFacts run = comparison.run();
        boolean compared = comparison.before().isPresent();
        if (run.reading() == Reading.Partial || run.omitted() > 0 || (run.reading() == Reading.None && compared)) {
            return Verdict.Partial;
        }
        if (findings.stream()
                .anyMatch(found -> found.severity() != null && found.severity().compareTo(Severity.High) >= 0)) {
            return Verdict.Open;
        }
        return compared ? Verdict.Clean : Verdict.Learning;
    }
}
