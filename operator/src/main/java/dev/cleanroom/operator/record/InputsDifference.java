package dev.cleanroom.operator.record;

import dev.cleanroom.operator.record.facts.Coordinates;
import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.facts.RecordDetail;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What differs between the inputs of two runs.
 *
 * @param sameVersion what has the same version and other content: registries do not change what they published
 * @param dependencies what has another version, is new, or is gone, in the lockfiles
 * @param packages the same for fetched packages that no lockfile names
 * @param files the build files and lockfiles
 */
public record InputsDifference(
        List<Change> sameVersion, List<Change> dependencies, List<Change> packages, List<Change> files) {

    /** @param how empty if there is nothing to add to the sign */
    public record Change(Sign sign, String what, String how) {
        @Override
        public String toString() {
            return sign.text + " " + what + (how.isEmpty() ? "" : "  " + how);
        }
    }

    /** The first character of a line. */
    public enum Sign {
        SUSPECT("!"),
        CHANGED("~"),
        ADDED("+"),
        REMOVED("-");

        private final String text;

        Sign(String text) {
            this.text = text;
        }
    }

    /** What is compared of one package: names of facts, each with the values that were found. */
    private record Facts(Map<String, SortedSet<String>> values) {
        Facts() {
            this(new TreeMap<>());
        }

        void add(String fact, @Nullable String value) {
            values.computeIfAbsent(fact, unused -> new TreeSet<>()).add(value == null ? "" : value);
        }

        SortedSet<String> of(String fact) {
            return values.getOrDefault(fact, new TreeSet<>());
        }

        String text(String fact) {
            String absent = fact.equals(SOURCE) ? "the configured registry" : "none";
            return of(fact).stream()
                    .map(value -> value.isEmpty() ? absent : value)
                    .collect(Collectors.joining(", "));
        }

        boolean has(String fact) {
            return of(fact).stream().anyMatch(value -> !value.isEmpty());
        }

        /** How this differs from what was before, as {@code hash a -> b}. */
        String since(Facts before) {
            return values.keySet().stream()
                    .filter(fact -> !Objects.equals(of(fact), before.of(fact)))
                    .map(fact -> fact + " " + before.text(fact) + " -> " + text(fact))
                    .collect(Collectors.joining("; "));
        }
    }

    private static final String SOURCE = "source";
    private static final String INSTALL_CODE = "install code";

    public static InputsDifference between(RecordDetail before, RecordDetail after) {
        List<Change> sameVersion = new ArrayList<>();
        sameVersion.addAll(otherContent(locked(before), locked(after), ""));
        sameVersion.addAll(otherContent(fetched(before.packages()), fetched(after.packages()), "package: "));
        return new InputsDifference(
                sameVersion,
                versions(locked(before), locked(after)),
                versions(fetched(unlocked(before)), fetched(unlocked(after))),
                files(before.files(), after.files()));
    }

    /** All lists, in the order in which they are read. */
    public Stream<Change> all() {
        return Stream.of(sameVersion, dependencies, packages, files).flatMap(List::stream);
    }

    private static Map<Coordinates, Facts> locked(RecordDetail detail) {
        Map<Coordinates, Facts> all = new TreeMap<>();
        for (DetailEntry.Dependency each : detail.dependencies()) {
            Facts facts = all.computeIfAbsent(Coordinates.of(each), unused -> new Facts());
            facts.add("hash", each.integrity());
            facts.add(SOURCE, each.source());
            facts.add(INSTALL_CODE, Boolean.TRUE.equals(each.installCode()) ? "yes" : null);
        }
        return all;
    }

    private static Map<Coordinates, Facts> fetched(List<DetailEntry.Package> packages) {
        Map<Coordinates, Facts> all = new TreeMap<>();
        for (DetailEntry.Package each : packages) {
            Facts facts = all.computeIfAbsent(Coordinates.of(each), unused -> new Facts());
            facts.add("content", each.sha256());
            facts.add(INSTALL_CODE, each.installCode());
        }
        return all;
    }

    /** The fetched packages that no lockfile names. */
    private static List<DetailEntry.Package> unlocked(RecordDetail detail) {
        Set<Coordinates> named =
                detail.dependencies().stream().map(Coordinates::of).collect(Collectors.toSet());
        return detail.packages().stream()
                .filter(each -> !named.contains(Coordinates.of(each)))
                .toList();
    }

    private static List<Change> otherContent(
            Map<Coordinates, Facts> before, Map<Coordinates, Facts> after, String prefix) {
        return after.entrySet().stream()
                .filter(each -> before.containsKey(each.getKey()))
                .map(each -> new Change(
                        Sign.SUSPECT,
                        each.getKey().toString(),
                        each.getValue().since(Objects.requireNonNull(before.get(each.getKey())))))
                .filter(change -> !change.how().isEmpty())
                .map(change -> new Change(change.sign(), change.what(), prefix + change.how()))
                .toList();
    }

    private static List<Change> versions(Map<Coordinates, Facts> before, Map<Coordinates, Facts> after) {
        Map<Coordinates, List<Coordinates>> gone = byName(before, after);
        Map<Coordinates, List<Coordinates>> fresh = byName(after, before);
        List<Change> changes = new ArrayList<>();
        SortedSet<Coordinates> names = new TreeSet<>(gone.keySet());
        names.addAll(fresh.keySet());
        for (Coordinates name : names) {
            List<Coordinates> old = gone.getOrDefault(name, List.of());
            for (Coordinates each : fresh.getOrDefault(name, List.of())) {
                Facts facts = Objects.requireNonNull(after.get(each));
                changes.add(
                        old.isEmpty()
                                ? new Change(Sign.ADDED, each.toString(), described(facts))
                                : new Change(Sign.CHANGED, each.toString(), updated(old, facts, before)));
            }
            if (!fresh.containsKey(name)) {
                old.forEach(each -> changes.add(new Change(Sign.REMOVED, each.toString(), "")));
            }
        }
        return changes;
    }

    /** What is in one and not in the other, by the package without its version. */
    private static Map<Coordinates, List<Coordinates>> byName(
            Map<Coordinates, Facts> these, Map<Coordinates, Facts> others) {
        return these.keySet().stream()
                .filter(each -> !others.containsKey(each))
                .collect(Collectors.groupingBy(Coordinates::unversioned, TreeMap::new, Collectors.toList()));
    }

    private static String described(Facts facts) {
        return Stream.of(SOURCE, INSTALL_CODE)
                .filter(facts::has)
                .map(fact -> fact + " " + facts.text(fact))
                .collect(Collectors.joining("; "));
    }

    /** The versions before, and where the new one comes from, or that it runs code, if none of them did. */
    private static String updated(List<Coordinates> old, Facts facts, Map<Coordinates, Facts> before) {
        Facts all = new Facts();
        for (Coordinates each : old) {
            Objects.requireNonNull(before.get(each))
                    .values()
                    .forEach((fact, values) -> values.forEach(value -> all.add(fact, value)));
        }
        Stream<String> was =
                Stream.of("was " + old.stream().map(Coordinates::version).collect(Collectors.joining(", ")));
        Stream<String> more = Stream.of(SOURCE, INSTALL_CODE)
                .filter(fact -> !all.of(fact).containsAll(facts.of(fact)))
                .filter(fact -> fact.equals(SOURCE) || !all.has(fact))
                .map(fact -> fact + " " + all.text(fact) + " -> " + facts.text(fact));
        return Stream.concat(was, more).collect(Collectors.joining("; "));
    }

    private static List<Change> files(List<DetailEntry.File> before, List<DetailEntry.File> after) {
        Map<String, DetailEntry.File> old = byPath(before);
        Map<String, DetailEntry.File> current = byPath(after);
        SortedSet<String> paths = new TreeSet<>(old.keySet());
        paths.addAll(current.keySet());
        return paths.stream()
                .filter(path -> old.containsKey(path) != current.containsKey(path)
                        || !digest(old, path).equals(digest(current, path)))
                .map(path -> new Change(
                        !old.containsKey(path) ? Sign.ADDED : !current.containsKey(path) ? Sign.REMOVED : Sign.CHANGED,
                        path,
                        ""))
                .toList();
    }

    private static Map<String, DetailEntry.File> byPath(List<DetailEntry.File> files) {
        return files.stream()
                .collect(Collectors.toMap(DetailEntry.File::file, Function.identity(), (first, _) -> first));
    }

    /** Empty for a file whose digest is not known, and for one that is absent. */
    private static Optional<String> digest(Map<String, DetailEntry.File> files, String path) {
        return Optional.ofNullable(files.get(path)).map(DetailEntry.File::sha256);
    }
}
