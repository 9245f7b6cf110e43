package dev.cleanroom.operator.record;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs.ChangedInput;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs.NewFile;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs.Outcome;
import dev.cleanroom.operator.record.facts.LogText;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The lines of an observer's log about what the build changed. */
final class OutputLines {
    /** How many changed inputs a record lists. */
    static final int MOST_LISTED = 50;

    /** How many new files a record lists. */
    static final int MOST_NEW_FILES = 200;

    private final Map<String, ChangedInput> changed = new LinkedHashMap<>();
    private final Map<String, NewFile> added = new LinkedHashMap<>();
    private @Nullable JsonNode summary;

    /** @return whether the line is one of these */
    boolean add(JsonNode line) {
        if (line.has("outputs")) {
            summary = line;
        } else if (line.has("output")) {
            String path = LogText.required(line, "output");
            if (changed.size() < MOST_LISTED) {
                changed.putIfAbsent(path, new ChangedInput(path, LogText.optional(line, "change")));
            }
        } else if (line.has("new")) {
            if (added.size() < MOST_NEW_FILES) {
                NewFile file = newFile(line);
                added.putIfAbsent(file.path(), file);
            }
        } else {
            return false;
        }
        return true;
    }

    /** Empty if the workspace was not read again. */
    Optional<BuildRecordOutputs> outputs() {
        return Optional.ofNullable(summary).map(end -> {
            boolean complete = end.path("outputs").asText("").equals("Complete");
            return new BuildRecordOutputs(
                    complete ? Outcome.Complete : Outcome.Partial,
                    complete ? null : LogText.optional(end, "reason"),
                    LogText.count(end, "added"),
                    LogText.count(end, "changed"),
                    LogText.count(end, "removed"),
                    LogText.count(end, "millis"),
                    changed.values().stream().toList(),
                    added.isEmpty() ? null : added.values().stream().toList());
        });
    }

    private static NewFile newFile(JsonNode line) {
        return new NewFile(
                LogText.required(line, "new"),
                Math.max(0, line.path("size").asLong()),
                LogText.optional(line, "type"),
                line.path("executable").asBoolean() ? Boolean.TRUE : null,
                line.path("native").asBoolean() ? Boolean.TRUE : null);
    }
}
