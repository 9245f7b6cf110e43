package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordArtifact;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.OutputsDetail;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs;
import dev.cleanroom.api.v1alpha1.BuildRecordReading;
import dev.cleanroom.api.v1alpha1.BuildRecordScanner;
import dev.cleanroom.operator.record.facts.OutputLists;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a record says of what the build of its run made, and how much of it is known.
 *
 * @param artifactsRead empty if the record does not know of artifacts
 * @param scannersRead empty if the record does not know of reports
 * @param unlisted why the lists have not every entry and result that was read: the rest of a sentence about the record
 */
public record RecordArtifacts(
        List<BuildRecordArtifact> artifacts,
        Optional<BuildRecordReading> artifactsRead,
        List<BuildRecordScanner> scanners,
        Optional<BuildRecordReading> scannersRead,
        OutputLists lists,
        Optional<String> unlisted) {
    private static final RecordArtifacts UNKNOWN = new RecordArtifacts(
            List.of(), Optional.empty(), List.of(), Optional.empty(), OutputLists.NONE, Optional.empty());

    public static RecordArtifacts of(BuildRecord record) {
        BuildRecordObserved observed = record.getObserved();
        if (observed == null || observed.observation().outcome() == Outcome.Unobserved) {
            return UNKNOWN;
        }
        OutputsDetail detail = observed.outputsDetail();
        OutputLists lists =
                detail == null || detail.content() == null ? OutputLists.NONE : OutputLists.decode(detail.content());
        return new RecordArtifacts(
                list(observed.artifacts()),
                Optional.ofNullable(observed.artifactsRead()),
                list(observed.scanners()),
                Optional.ofNullable(observed.scannersRead()),
                lists,
                unlisted(observed, lists));
    }

    private static Optional<String> unlisted(BuildRecordObserved observed, OutputLists lists) {
        if (lists.unreadable().isPresent()) {
            return lists.unreadable().map(why -> "has an outputsDetail that cannot be used: it " + why);
        }
        OutputsDetail detail = observed.outputsDetail();
        if (detail == null || detail.content() == null) {
            return items(observed.artifactsRead()) + items(observed.scannersRead()) > 0
                    ? Optional.of("has no outputsDetail, so entries of artifacts and results of scanners are not known")
                    : Optional.empty();
        }
        return detail.omitted() != null && detail.omitted() > 0
                ? Optional.of("leaves out " + detail.omitted()
                        + " entries of artifacts and results of scanners for which there was no room")
                : Optional.empty();
    }

    /** Whether an artifact that is not listed did not exist. */
    boolean hasAllArtifacts() {
        return artifactsRead
                .filter(read -> isWhole(read) && number(read.count()) <= artifacts.size())
                .isPresent();
    }

    /** Whether an entry that is not listed was not in the artifact. */
    boolean hasAllEntriesOf(String path) {
        return unlisted.isEmpty()
                && artifactsRead.filter(RecordArtifacts::isWhole).isPresent()
                && artifacts.stream().anyMatch(each -> each.path().equals(path) && wasReadWhole(each));
    }

    /** Whether a result that is not listed was in no report. */
    boolean hasAllResults() {
        return unlisted.isEmpty()
                && scannersRead
                        .filter(read -> isWhole(read) && number(read.count()) <= scanners.size())
                        .isPresent()
                && scanners.stream().allMatch(each -> each.problem() == null);
    }

    /** Why the lists may leave something out, each the rest of a sentence about the record; empty if they are whole. */
    public List<String> gaps() {
        Stream<String> partial = Stream.of(
                        artifactsRead.flatMap(read -> gap(read, artifacts.size(), "artifacts")),
                        scannersRead.flatMap(read -> gap(read, scanners.size(), "reports of scanners")),
                        unlisted)
                .flatMap(Optional::stream);
        Stream<String> unread = artifacts.stream()
                .filter(each -> !wasReadWhole(each))
                .map(each -> "has the artifact " + each.path() + ", which was not read whole"
                        + in(String.join(", ", list(each.problems()))));
        Stream<String> problems = scanners.stream()
                .filter(each -> each.problem() != null)
                .map(each -> "has the report " + each.path() + ", whose results are not known"
                        + in(Objects.requireNonNull(each.problem())));
        return Stream.of(partial, unread, problems).flatMap(each -> each).toList();
    }

    private static Optional<String> gap(BuildRecordReading read, int listed, String what) {
        if (!isWhole(read)) {
            return Optional.of("has Partial " + what + in(read.reason() == null ? "" : read.reason())
                    + ": they were not read whole");
        }
        int more = number(read.count()) - listed;
        return more > 0 ? Optional.of("leaves out " + more + " " + what) : Optional.empty();
    }

    /** The observer gives an archive no content if not all of its entries could be read. */
    private static boolean wasReadWhole(BuildRecordArtifact artifact) {
        return artifact.content() != null || ("file".equals(artifact.format()) && artifact.sha256() != null);
    }

    private static boolean isWhole(BuildRecordReading read) {
        return read.outcome() == BuildRecordOutputs.Outcome.Complete;
    }

    private static int items(@Nullable BuildRecordReading read) {
        return read == null ? 0 : number(read.items());
    }

    private static int number(@Nullable Integer count) {
        return count == null ? 0 : count;
    }

    private static String in(String reason) {
        return reason.isEmpty() ? "" : " (" + reason + ")";
    }

    private static <T> List<T> list(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
