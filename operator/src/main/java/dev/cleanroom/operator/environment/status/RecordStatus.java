package dev.cleanroom.operator.environment.status;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.Records;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.StatusFinding;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Verdict;
import dev.cleanroom.operator.environment.model.RunRecords;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the status says of records. Those that the same plan creates count as stored, so that a run costs one write of the
 * status.
 */
final class RecordStatus {
    private static final int MOST_FINDINGS = 3;

    private static final Comparator<StatusFinding> WORST_FIRST =
            Comparator.comparing(StatusFinding::severity, Comparator.nullsLast(Comparator.reverseOrder()));

    /** The others leave open whether what was found before is gone. */
    private static final Set<Verdict> JUDGED_WHOLE = Set.of(Verdict.Clean, Verdict.Learning, Verdict.Open);

    private RecordStatus() {}

    /** @return null if there is no record */
    static @Nullable Records records(RunRecords records, List<BuildRecord> created) {
        if (!records.wanted()) {
            return null;
        }
        Optional<String> latest = name(created.stream())
                .or(() -> records.newestFirst().stream()
                        .map(RunRecords.Stored::name)
                        .findFirst());
        Optional<String> baseline = name(created.stream().filter(RecordStatus::isKnownGood))
                .or(() -> records.knownGood().stream()
                        .map(RunRecords.Stored::name)
                        .findFirst());
        return latest.map(name -> new Records(name, baseline.orElse(null))).orElse(null);
    }

    /** @return null if there is none */
    static @Nullable List<StatusFinding> findings(
            @Nullable BuildEnvironmentStatus stored, RunRecords records, List<BuildRecord> created) {
        if (!records.wanted()) {
            return null;
        }
        List<StatusFinding> found = created.stream()
                .flatMap(record -> findings(record)
                        .map(finding -> new StatusFinding(
                                finding.key(),
                                finding.severity(),
                                finding.stage(),
                                record.getMetadata().getName(),
                                finding.detail())))
                .sorted(WORST_FIRST)
                .limit(MOST_FINDINGS)
                .toList();
        if (!found.isEmpty()) {
            return found;
        }
        boolean gone = created.stream()
                .anyMatch(record -> record.getVerdict() != null && JUDGED_WHOLE.contains(record.getVerdict()));
        return gone || stored == null ? null : stored.findings();
    }

    private static Stream<Finding> findings(BuildRecord record) {
        return record.getFindings() == null ? Stream.of() : record.getFindings().stream();
    }

    /** Records of one second are ordered by their names, as where they are stored. */
    private static Optional<String> name(Stream<BuildRecord> records) {
        return records.map(record -> record.getMetadata().getName()).max(Comparator.naturalOrder());
    }

    private static boolean isKnownGood(BuildRecord record) {
        return record.getMetadata().getLabels().containsKey(CleanroomApi.KNOWN_GOOD_LABEL);
    }
}
