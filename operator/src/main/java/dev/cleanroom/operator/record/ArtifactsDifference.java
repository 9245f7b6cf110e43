package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildRecordArtifact;
import dev.cleanroom.operator.record.InputsDifference.Change;
import dev.cleanroom.operator.record.InputsDifference.Sign;
import dev.cleanroom.operator.record.facts.OutputEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What differs between what the builds of two runs made. Something is new, or gone, only if the other record is known to have
 * all of its kind.
 *
 * @param entries those of artifacts that both runs made
 * @param results what scanners found
 */
record ArtifactsDifference(List<Change> artifacts, List<Change> entries, List<Change> results) {

    /** What an entry has in place of a digest if it could not be read. */
    private static final String UNREAD = "unread";

    static ArtifactsDifference between(RecordArtifacts before, RecordArtifacts after) {
        Map<String, BuildRecordArtifact> old = byPath(before);
        Map<String, BuildRecordArtifact> current = byPath(after);
        return new ArtifactsDifference(
                changes(
                        old,
                        current,
                        new Known<>(unused -> before.hasAllArtifacts(), unused -> after.hasAllArtifacts()),
                        new Text<>(artifact -> "size " + artifact.size(), ArtifactsDifference::changed)),
                changes(
                        entries(before, current),
                        entries(after, old),
                        new Known<>(
                                entry -> before.hasAllEntriesOf(entry.artifact()),
                                entry -> after.hasAllEntriesOf(entry.artifact())),
                        new Text<>(ArtifactsDifference::text, ArtifactsDifference::changed)),
                changes(
                        results(before),
                        results(after),
                        new Known<>(unused -> before.hasAllResults(), unused -> after.hasAllResults()),
                        new Text<>(ArtifactsDifference::text, ArtifactsDifference::changed)));
    }

    Stream<Change> all() {
        return Stream.of(artifacts, entries, results).flatMap(List::stream);
    }

    /** Whether a record has all things of a kind, so that one that it does not list did not exist. */
    private record Known<K>(Predicate<K> before, Predicate<K> after) {}

    /**
     * How a thing is described.
     *
     * @param added when it is new
     * @param changed when it is in both; empty if it did not change, or that is not known
     */
    private record Text<V>(Function<V, String> added, BiFunction<V, V, Optional<String>> changed) {}

    private static <K extends Comparable<K>, V> List<Change> changes(
            Map<K, V> before, Map<K, V> after, Known<K> known, Text<V> text) {
        SortedSet<K> keys = new TreeSet<>(before.keySet());
        keys.addAll(after.keySet());
        List<Change> changes = new ArrayList<>();
        for (K key : keys) {
            V old = before.get(key);
            V current = after.get(key);
            if (old != null && current != null) {
                text.changed()
                        .apply(old, current)
                        .ifPresent(how -> changes.add(new Change(Sign.CHANGED, key.toString(), how)));
            } else if (current != null && known.before().test(key)) {
                changes.add(new Change(Sign.ADDED, key.toString(), text.added().apply(current)));
            } else if (old != null && known.after().test(key)) {
                changes.add(new Change(Sign.REMOVED, key.toString(), ""));
            }
        }
        return changes;
    }

    private static Map<String, BuildRecordArtifact> byPath(RecordArtifacts record) {
        return record.artifacts().stream()
                .collect(Collectors.toMap(BuildRecordArtifact::path, each -> each, (first, _) -> first, TreeMap::new));
    }

    private static Optional<String> changed(BuildRecordArtifact before, BuildRecordArtifact after) {
        Stream<String> problems = Objects.equals(before.problems(), after.problems())
                ? Stream.of()
                : Stream.of("problems " + problems(before) + " -> " + problems(after));
        String how = Stream.concat(content(before, after).stream(), problems).collect(Collectors.joining("; "));
        return how.isEmpty() ? Optional.empty() : Optional.of(how);
    }

    private static Optional<String> content(BuildRecordArtifact before, BuildRecordArtifact after) {
        boolean comparableBytes = before.sha256() != null && after.sha256() != null;
        boolean comparableContent = before.content() != null && after.content() != null;
        if (comparableBytes && Objects.equals(before.sha256(), after.sha256())) {
            return Optional.empty();
        }
        if (comparableContent && Objects.equals(before.content(), after.content())) {
            return comparableBytes ? Optional.of("the same entries, packed in another way") : Optional.empty();
        }
        return comparableBytes || comparableContent
                ? Optional.of("size " + before.size() + " -> " + after.size() + "; entries " + number(before.entries())
                        + " -> " + number(after.entries()))
                : Optional.empty();
    }

    private static String problems(BuildRecordArtifact artifact) {
        return artifact.problems() == null || artifact.problems().isEmpty()
                ? "none"
                : String.join(", ", artifact.problems());
    }

    private static int number(@Nullable Integer count) {
        return count == null ? 0 : count;
    }

    /** @param path in the artifact, the artifact's own before it */
    private record EntryPath(String artifact, String path) implements Comparable<EntryPath> {
        @Override
        public int compareTo(EntryPath other) {
            return path.compareTo(other.path);
        }

        @Override
        public String toString() {
            return path;
        }
    }

    /** The entries of the artifacts that the other record has, too. An archive may have several with one path. */
    private static Map<EntryPath, SortedSet<String>> entries(
            RecordArtifacts record, Map<String, BuildRecordArtifact> others) {
        Map<EntryPath, SortedSet<String>> found = new TreeMap<>();
        for (OutputEntry.Entry each : record.lists().entries()) {
            if (others.containsKey(each.artifact())) {
                var path = new EntryPath(each.artifact(), each.in() + "!" + each.entry());
                found.computeIfAbsent(path, unused -> new TreeSet<>())
                        .add(joined(
                                "link".equals(each.type()) ? "link" : "",
                                each.mode(),
                                each.sha256() == null ? UNREAD : each.sha256()));
            }
        }
        return found;
    }

    /** What a scanner found, by what is the same in its next report. */
    private static Map<String, SortedSet<String>> results(RecordArtifacts record) {
        Map<String, SortedSet<String>> found = new TreeMap<>();
        for (OutputEntry.Result each : record.lists().results()) {
            found.computeIfAbsent(joined(each.tool(), each.result(), each.fingerprint()), unused -> new TreeSet<>())
                    .add(joined(each.level(), each.severity(), each.count() + " times in", each.in()));
        }
        return found;
    }

    private static Optional<String> changed(SortedSet<String> before, SortedSet<String> after) {
        boolean known = Stream.concat(before.stream(), after.stream()).noneMatch(each -> each.endsWith(UNREAD));
        return known && !before.equals(after) ? Optional.of(text(before) + " -> " + text(after)) : Optional.empty();
    }

    private static String text(SortedSet<String> found) {
        return String.join(", ", found);
    }

    private static String joined(@Nullable String... texts) {
        return Stream.of(texts).filter(text -> text != null && !text.isEmpty()).collect(Collectors.joining(" "));
    }
}
