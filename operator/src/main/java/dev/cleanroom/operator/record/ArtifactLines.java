package dev.cleanroom.operator.record;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.BuildRecordArtifact;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordReading;
import dev.cleanroom.api.v1alpha1.BuildRecordScanner;
import dev.cleanroom.operator.record.facts.DetailLists;
import dev.cleanroom.operator.record.facts.LogText;
import dev.cleanroom.operator.record.facts.OutputEntry;
import dev.cleanroom.operator.record.facts.OutputLists;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lines of an observer's log about artifacts and the reports of scanners. Without the last line about one of both, nothing
 * of it is known.
 */
final class ArtifactLines {
    /** How many artifacts a record lists. */
    static final int MOST_ARTIFACTS = 50;

    /** How many reports of scanners a record lists. */
    static final int MOST_SCANNERS = 20;

    static final int MOST_PROBLEMS = 16;

    private final Map<String, BuildRecordArtifact> artifacts = new LinkedHashMap<>();
    private final Map<String, BuildRecordScanner> scanners = new LinkedHashMap<>();
    private final List<OutputEntry.Entry> entries = new ArrayList<>();
    private final List<OutputEntry.Result> results = new ArrayList<>();
    private @Nullable JsonNode artifactsEnd;
    private @Nullable JsonNode reportsEnd;

    /** @return whether the line is one of these */
    boolean add(JsonNode line) {
        if (line.has("artifacts")) {
            artifactsEnd = line;
        } else if (line.has("reports")) {
            reportsEnd = line;
        } else if (line.has("artifact")) {
            if (artifacts.size() < MOST_ARTIFACTS) {
                BuildRecordArtifact artifact = artifact(line);
                artifacts.putIfAbsent(artifact.path(), artifact);
            }
        } else if (line.has("report")) {
            if (scanners.size() < MOST_SCANNERS) {
                BuildRecordScanner scanner = scanner(line);
                scanners.putIfAbsent(scanner.path(), scanner);
            }
        } else if (line.has("entry")) {
            entries.add(OutputLists.entry(line));
        } else if (line.has("result")) {
            results.add(OutputLists.result(line));
        } else {
            return false;
        }
        return true;
    }

    RunArtifacts read() {
        List<OutputEntry> listed = new ArrayList<>();
        if (artifactsEnd != null) {
            listed.addAll(entries);
        }
        if (reportsEnd != null) {
            listed.addAll(results);
        }
        return new RunArtifacts(
                artifactsEnd == null ? List.of() : List.copyOf(artifacts.values()),
                Optional.ofNullable(artifactsEnd).map(end -> reading(end, "artifacts", "entries")),
                reportsEnd == null ? List.of() : List.copyOf(scanners.values()),
                Optional.ofNullable(reportsEnd).map(end -> reading(end, "reports", "results")),
                listed.isEmpty() ? Optional.empty() : Optional.of(DetailLists.ofOutputs(listed)));
    }

    private static BuildRecordReading reading(JsonNode end, String outcome, String items) {
        boolean complete = end.path(outcome).asText("").equals("Complete");
        return new BuildRecordReading(
                complete ? Outcome.Complete : Outcome.Partial,
                complete ? null : LogText.optional(end, "reason"),
                LogText.count(end, "count"),
                LogText.count(end, items));
    }

    private static BuildRecordArtifact artifact(JsonNode line) {
        List<String> problems = LogText.texts(line, "problems", MOST_PROBLEMS);
        return new BuildRecordArtifact(
                LogText.required(line, "artifact"),
                Math.max(0, line.path("size").asLong()),
                LogText.optional(line, "sha256"),
                LogText.optional(line, "format"),
                line.has("entries") ? LogText.count(line, "entries") : null,
                LogText.optional(line, "content"),
                problems.isEmpty() ? null : problems);
    }

    private static BuildRecordScanner scanner(JsonNode line) {
        return new BuildRecordScanner(
                LogText.required(line, "report"),
                LogText.optional(line, "sha256"),
                LogText.optional(line, "tool"),
                LogText.optional(line, "version"),
                line.has("results") ? LogText.count(line, "results") : null,
                LogText.optional(line, "problem"));
    }
}
