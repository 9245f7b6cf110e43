package dev.cleanroom.operator.record;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Lockfile;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.StepChange;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.UnreadFile;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Dependencies;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Ecosystem;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs;
import dev.cleanroom.operator.kube.ContentHash;
import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.facts.DetailLists;
import dev.cleanroom.operator.record.facts.LogText;
import dev.cleanroom.operator.record.findings.RunFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The lines of an observer's log about the inputs of the build. Paths, names and versions are the build's own words, so
 * they are bounded; a list in the record has its first entries, and the detail has all.
 */
final class InputLines {
    /** How many lockfiles, and how many unread files, a record lists. */
    static final int MOST_LISTED = 50;

    private static final int MOST_STEPS = 64;
    private static final int MOST_ECOSYSTEMS = 16;
    private static final int MOST_HOOKS = 16;

    private final List<DetailEntry.File> files = new ArrayList<>();
    private final List<DetailEntry.Dependency> dependencies = new ArrayList<>();
    private final List<DetailEntry.Package> packages = new ArrayList<>();
    private final Map<String, UnreadFile> unread = new TreeMap<>();
    private final Map<String, StepChange> changes = new TreeMap<>();
    private final List<StepChange> changesInOrder = new ArrayList<>();
    private @Nullable JsonNode summary;

    /** @return whether the line is one of these */
    boolean add(JsonNode line) {
        // The last line has counts with the names of what they count, so it is the first to be looked for.
        if (line.has("inputs")) {
            summary = line;
        } else if (line.has("file")) {
            files.add(file(line));
        } else if (line.has("dependency")) {
            dependencies.add(dependency(line));
        } else if (line.has("package")) {
            packages.add(fetched(line));
        } else if (line.has("unread")) {
            String path = LogText.required(line, "unread");
            unread.putIfAbsent(path, new UnreadFile(path, LogText.optional(line, "reason")));
        } else if (line.has("change")) {
            change(line);
        } else {
            return false;
        }
        return true;
    }

    /**
     * Empty if the observer did not read the workspace, or not to the end of its report about it.
     *
     * @param outputs what the build changed, if that was observed
     */
    Optional<RunInputs> inputs(Optional<BuildRecordOutputs> outputs) {
        return Optional.ofNullable(summary).map(end -> inputs(end, outputs));
    }

    /**
     * What is known of the inputs, for a judgement.
     *
     * @param omitted how many entries the record's lists leave out
     */
    RunFacts facts(int omitted) {
        return Optional.ofNullable(summary)
                .map(end -> new RunFacts(
                        reading(end),
                        List.copyOf(files),
                        List.copyOf(dependencies),
                        List.copyOf(packages),
                        List.copyOf(unread.values()),
                        omitted))
                .orElse(RunFacts.UNOBSERVED);
    }

    private static Reading reading(JsonNode end) {
        return end.path("inputs").asText("").equals("Complete") ? Reading.Complete : Reading.Partial;
    }

    private RunInputs inputs(JsonNode end, Optional<BuildRecordOutputs> outputs) {
        Reading reading = reading(end);
        var inputs = new BuildRecordInputs(
                reading,
                reading == Reading.Complete ? null : LogText.optional(end, "reason"),
                LogText.optional(end, "sha256"),
                LogText.count(end, "files"),
                Math.max(0, end.path("bytes").asLong()),
                LogText.count(end, "millis"),
                lockfiles(),
                unread.values().stream().limit(MOST_LISTED).toList(),
                LogText.count(end, "unread"),
                List.copyOf(changesInOrder));
        List<Named> named = dependencies.stream().map(Named::of).distinct().toList();
        var counts = new Dependencies(
                named.size(),
                LogText.count(end, "packages"),
                Math.toIntExact(packages.stream()
                        .filter(each -> each.installCode() != null)
                        .count()),
                ecosystems(named));
        return new RunInputs(
                inputs,
                counts,
                Optional.of(DetailLists.of(Stream.of(files, dependencies, packages)
                        .<DetailEntry>flatMap(List::stream)
                        .toList())),
                outputs);
    }

    private List<Lockfile> lockfiles() {
        return files.stream()
                .filter(file -> file.lockfile() != null)
                .collect(Collectors.toMap(DetailEntry.File::file, file -> file, (a, b) -> a, TreeMap::new))
                .values()
                .stream()
                .limit(MOST_LISTED)
                .map(file -> new Lockfile(file.file(), file.lockfile(), file.dependencies()))
                .toList();
    }

    /** Two lockfiles may name the same dependency, one with its hash and one without. */
    private record Named(
            String ecosystem, String name, @Nullable String version) {
        static Named of(DetailEntry.Dependency each) {
            return new Named(each.ecosystem() == null ? "" : each.ecosystem(), each.dependency(), each.version());
        }
    }

    private static List<Ecosystem> ecosystems(List<Named> named) {
        return named.stream()
                .map(Named::ecosystem)
                .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .limit(MOST_ECOSYSTEMS)
                .map(each -> new Ecosystem(each.getKey(), Math.toIntExact(each.getValue())))
                .toList();
    }

    private void change(JsonNode line) {
        String step = LogText.required(line, "change");
        var change = new StepChange(
                step, LogText.count(line, "added"), LogText.count(line, "changed"), LogText.count(line, "removed"));
        if (changes.size() < MOST_STEPS && changes.putIfAbsent(step, change) == null) {
            changesInOrder.add(change);
        }
    }

    private static DetailEntry.File file(JsonNode line) {
        return new DetailEntry.File(
                LogText.required(line, "file"),
                Math.max(0, line.path("size").asLong()),
                LogText.shortDigest(line, "sha256"),
                LogText.optional(line, "lockfile"),
                line.has("dependencies") ? LogText.count(line, "dependencies") : null);
    }

    private static DetailEntry.Dependency dependency(JsonNode line) {
        String integrity = LogText.optional(line, "integrity");
        return new DetailEntry.Dependency(
                LogText.required(line, "dependency"),
                LogText.optional(line, "ecosystem"),
                LogText.optional(line, "version"),
                LogText.optional(line, "source"),
                integrity == null ? null : ContentHash.ofText(integrity).substring(0, LogText.SHORT_DIGEST),
                line.path("installCode").asBoolean() ? Boolean.TRUE : null,
                LogText.optional(line, "lockfile"));
    }

    private static DetailEntry.Package fetched(JsonNode line) {
        return new DetailEntry.Package(
                LogText.required(line, "package"),
                LogText.optional(line, "ecosystem"),
                LogText.optional(line, "name"),
                LogText.optional(line, "version"),
                LogText.shortDigest(line, "sha256"),
                LogText.shortDigest(line, "installCode"),
                LogText.texts(line, "hooks", MOST_HOOKS),
                LogText.count(line, "native") == 0 ? null : LogText.count(line, "native"));
    }
}
