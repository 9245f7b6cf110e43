package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Network;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordReading;
import dev.cleanroom.api.v1alpha1.Source;
import dev.cleanroom.operator.record.InputsDifference.Change;
import dev.cleanroom.operator.record.InputsDifference.Sign;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What differs between two runs, as far as their records can be compared.
 *
 * @param titles which records they are, the earlier run first
 * @param gaps why they cannot be compared, or not whole; empty if they were
 * @param inputs empty if the lists of one are not known
 * @param made what differs between what the builds made
 * @param asked the names and addresses that only the second run asked for
 */
public record RecordComparison(
        List<String> titles,
        List<String> gaps,
        Optional<InputsDifference> inputs,
        ArtifactsDifference made,
        List<Change> asked) {

    /** A record, and what it says of its run's inputs. */
    public record Side(BuildRecord record, RecordInputs inputs) {
        private Optional<BuildRecordObserved> observed() {
            return Optional.ofNullable(record.getObserved());
        }

        private Optional<Network> network() {
            return observed().map(BuildRecordObserved::network);
        }

        private RecordArtifacts artifacts() {
            return RecordArtifacts.of(record);
        }

        private Stream<String> gaps(Side other) {
            return Stream.of(
                            inputs.gaps().stream(),
                            missingObservation().stream(),
                            artifacts().gaps().stream(),
                            missingArtifacts(other),
                            missingNames().stream())
                    .flatMap(each -> each)
                    .map(gap -> "the record " + record.getMetadata().getName() + " " + gap);
        }

        private String title() {
            Stream<String> run = observed().stream()
                    .flatMap(each -> Stream.of(
                                    Optional.of("pod " + each.pod().name()),
                                    Optional.ofNullable(each.exitCode()).map(code -> "exit code " + code),
                                    Optional.ofNullable(each.finishTime()).map(time -> "ended " + time),
                                    Optional.ofNullable(each.source())
                                            .map(Source::revision)
                                            .map(revision -> "revision " + revision))
                            .flatMap(Optional::stream));
            return record.getMetadata().getName() + "  " + run.collect(Collectors.joining(", "));
        }

        /** Empty where the gaps of the inputs say the same. */
        private Optional<String> missingObservation() {
            return observed()
                    .filter(each -> each.observation().outcome() == Outcome.Partial
                            && (each.inputs() == null || each.inputs().outcome() != Reading.Partial))
                    .map(each -> "is Partial (" + each.observation().reason() + "): "
                            + each.observation().message());
        }

        /** What the other record knows of, and this one does not. */
        private Stream<String> missingArtifacts(Side other) {
            if (observed()
                    .filter(each -> each.observation().outcome() != Outcome.Unobserved)
                    .isEmpty()) {
                return Stream.of();
            }
            return Stream.of(
                            missing(
                                    "artifacts",
                                    artifacts().artifactsRead(),
                                    other.artifacts().artifactsRead()),
                            missing(
                                    "reports",
                                    artifacts().scannersRead(),
                                    other.artifacts().scannersRead()))
                    .flatMap(Optional::stream);
        }

        private static Optional<String> missing(
                String field, Optional<BuildRecordReading> here, Optional<BuildRecordReading> there) {
            return here.isEmpty() && there.isPresent()
                    ? Optional.of("knows nothing of " + field + ": spec.detection." + field + " named none for its run")
                    : Optional.empty();
        }

        private Optional<String> missingNames() {
            return network()
                    .filter(network -> network.omitted() != null && network.omitted() > 0)
                    .map(network -> "leaves out " + network.omitted() + " names and addresses");
        }
    }

    public static RecordComparison of(Side before, Side after) {
        return new RecordComparison(
                List.of("--- " + before.title(), "+++ " + after.title()),
                Stream.concat(before.gaps(after), after.gaps(before)).toList(),
                before.inputs()
                        .detail()
                        .flatMap(old -> after.inputs().detail().map(current -> InputsDifference.between(old, current))),
                ArtifactsDifference.between(before.artifacts(), after.artifacts()),
                before.network()
                        .flatMap(old -> after.network().map(current -> asked(old, current)))
                        .orElse(List.of()));
    }

    public int count() {
        return asked.size()
                + (int) made.all().count()
                + inputs.map(each -> (int) each.all().count()).orElse(0);
    }

    /** As they are printed: the records, what could not be compared, then each group of differences. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>(titles);
        gaps.forEach(gap -> lines.add("not compared whole: " + gap));
        inputs.ifPresent(found -> {
            group(lines, "the same version, but other content", found.sameVersion());
            group(lines, "dependencies", found.dependencies());
            group(lines, "fetched packages that no lockfile names", found.packages());
            group(lines, "build files", found.files());
        });
        group(lines, "artifacts", made.artifacts());
        group(lines, "entries of artifacts", made.entries());
        group(lines, "results of scanners", made.results());
        group(lines, "names and addresses that only the second run asked for", asked);
        String what = gaps.isEmpty() ? "" : " in what could be compared";
        lines.add("");
        lines.add((count() == 0 ? "no difference" : count() == 1 ? "1 difference" : count() + " differences") + what);
        return lines;
    }

    private static void group(List<String> lines, String title, List<Change> changes) {
        if (!changes.isEmpty()) {
            lines.add("");
            lines.add(title + ":");
            changes.forEach(change -> lines.add(change.toString()));
        }
    }

    private static List<Change> asked(Network before, Network after) {
        Set<String> known = Denied.listed(before).map(Denied.Listed::what).collect(Collectors.toSet());
        return Denied.listed(after)
                .filter(each -> !known.contains(each.what()))
                .map(each -> new Change(Sign.ADDED, each.text(), ""))
                .toList();
    }
}
