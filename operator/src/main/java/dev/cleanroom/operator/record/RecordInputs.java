package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Detail;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.operator.record.facts.RecordDetail;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a record says of the inputs of its run.
 *
 * @param detail the lists; empty if they are not known
 * @param gaps why the lists may leave something out, each the rest of a sentence about the record; empty if they are whole
 */
public record RecordInputs(Optional<RecordDetail> detail, List<String> gaps) {

    /** @param other the record of the same namespace that has a name, if there is one */
    public static RecordInputs of(BuildRecord record, Function<String, Optional<BuildRecord>> other) {
        BuildRecordObserved observed = record.getObserved();
        if (observed == null) {
            return nothing("has no content that this version understands");
        }
        if (observed.observation().outcome() == Outcome.Unobserved) {
            return nothing("is Unobserved" + reason(observed.observation().reason()) + ": "
                    + observed.observation().message());
        }
        BuildRecordInputs inputs = observed.inputs();
        if (inputs == null) {
            return nothing("has no inputs: the operator or the observer of that run was of an older version");
        }
        if (inputs.outcome() == Reading.None) {
            return nothing("has no inputs: its pod had no prepare step, so the build itself fetched what it needed");
        }
        return of(observed, inputs, other);
    }

    private static RecordInputs of(
            BuildRecordObserved observed, BuildRecordInputs inputs, Function<String, Optional<BuildRecord>> other) {
        List<String> gaps = new ArrayList<>();
        if (inputs.outcome() == Reading.Partial) {
            gaps.add("has Partial inputs" + reason(inputs.reason()) + ": the workspace was not read whole");
        } else if (inputs.outcome() != Reading.Complete) {
            gaps.add("has inputs with an outcome that this version does not know");
        }
        int unread = inputs.unreadFiles() == null ? 0 : inputs.unreadFiles();
        if (unread > 0) {
            gaps.add("leaves out what is in " + unread + (unread == 1 ? " file that" : " files that")
                    + " could not be read or understood");
        }
        Detail detail = observed.detail();
        if (detail != null && detail.omitted() != null && detail.omitted() > 0) {
            gaps.add("leaves out " + detail.omitted() + " entries for which there was no room");
        }
        return switch (decoded(detail, other)) {
            case RecordDetail.Read(RecordDetail read) -> new RecordInputs(Optional.of(read), List.copyOf(gaps));
            case RecordDetail.Unreadable(String why) -> {
                gaps.add(why);
                yield new RecordInputs(Optional.empty(), List.copyOf(gaps));
            }
        };
    }

    private static RecordDetail.Decoded decoded(
            @Nullable Detail detail, Function<String, Optional<BuildRecord>> other) {
        if (detail != null && detail.content() != null) {
            return explained(RecordDetail.decode(detail.content()), "has a detail that cannot be used: it ");
        }
        if (detail == null || detail.sameAs() == null) {
            return new RecordDetail.Unreadable("has no detail, so its files, dependencies and packages are not known");
        }
        Optional<Detail> same = other.apply(detail.sameAs())
                .map(BuildRecord::getObserved)
                .map(BuildRecordObserved::detail)
                .filter(found -> found.content() != null);
        String where = "has its detail in the record " + detail.sameAs();
        if (same.isEmpty()) {
            return new RecordDetail.Unreadable(where + ", which does not exist or has none");
        }
        if (!Objects.equals(same.get().sha256(), detail.sha256())) {
            return new RecordDetail.Unreadable(where + ", which has another one");
        }
        return explained(
                RecordDetail.decode(Objects.requireNonNull(same.get().content())),
                where + ", which cannot be used: it ");
    }

    private static RecordDetail.Decoded explained(RecordDetail.Decoded decoded, String beginning) {
        return decoded instanceof RecordDetail.Unreadable(String why)
                ? new RecordDetail.Unreadable(beginning + why)
                : decoded;
    }

    private static RecordInputs nothing(String why) {
        return new RecordInputs(Optional.empty(), List.of(why));
    }

    private static String reason(@Nullable String reason) {
        return reason == null ? "" : " (" + reason + ")";
    }
}
