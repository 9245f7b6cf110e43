package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.UnreadFile;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.facts.RecordDetail;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the inputs of one run.
 *
 * @param reading how much of the workspace was read; null if the inputs were not observed
 * @param unread the build files and lockfiles, among others, that could not be read or understood
 * @param omitted how many entries the lists leave out
 */
public record RunFacts(
        @Nullable Reading reading,
        List<DetailEntry.File> files,
        List<DetailEntry.Dependency> dependencies,
        List<DetailEntry.Package> packages,
        List<UnreadFile> unread,
        int omitted) {
    /** The inputs were not observed. */
    public static final RunFacts UNOBSERVED = new RunFacts(null, List.of(), List.of(), List.of(), List.of(), 0);

    public static RunFacts of(
            @Nullable Reading reading, RecordDetail detail, @Nullable List<UnreadFile> unread, int omitted) {
        return new RunFacts(
                reading,
                detail.files(),
                detail.dependencies(),
                detail.packages(),
                Objects.requireNonNullElse(unread, List.of()),
                omitted);
    }

    /** @param detail the lists of the record, or of the one that has the same */
    public static RunFacts of(BuildRecord record, RecordDetail detail) {
        BuildRecordObserved observed = record.getObserved();
        BuildRecordInputs inputs = observed == null ? null : observed.inputs();
        if (observed == null || inputs == null) {
            return UNOBSERVED;
        }
        int omitted = Optional.ofNullable(observed.detail())
                .map(BuildRecordObserved.Detail::omitted)
                .orElse(0);
        return of(inputs.outcome(), detail, inputs.unread(), omitted);
    }
}
