package dev.cleanroom.operator.record.facts;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a record lists of the outputs of its run. All texts were chosen by the build, so each is bounded and on one line.
 *
 * @param unreadable why the lists are not known: the rest of a sentence about their content; empty if they are
 */
public record OutputLists(
        List<OutputEntry.Entry> entries, List<OutputEntry.Result> results, Optional<String> unreadable) {
    public static final OutputLists NONE = new OutputLists(List.of(), List.of(), Optional.empty());

    /**
     * Reads lines of JSON. Lines of kinds that are not known are ignored: a newer version wrote them.
     *
     * @param content base64 of gzip
     */
    public static OutputLists decode(String content) {
        List<OutputEntry.Entry> entries = new ArrayList<>();
        List<OutputEntry.Result> results = new ArrayList<>();
        Optional<String> unreadable = ListContent.read(content, DetailLists.LONGEST_OUTPUTS, line -> {
            if (line.has("entry")) {
                entries.add(entry(line));
            } else if (line.has("result")) {
                results.add(result(line));
            }
        });
        return unreadable.isEmpty()
                ? new OutputLists(entries, results, unreadable)
                : new OutputLists(List.of(), List.of(), unreadable);
    }

    /** A line of the observer's log, or of a record. */
    public static OutputEntry.Entry entry(JsonNode line) {
        return new OutputEntry.Entry(
                LogText.required(line, "entry"),
                LogText.required(line, "in"),
                Math.max(0, line.path("size").asLong()),
                LogText.shortDigest(line, "sha256"),
                LogText.optional(line, "mode"),
                LogText.optional(line, "type"));
    }

    /** A line of the observer's log, or of a record. */
    public static OutputEntry.Result result(JsonNode line) {
        return new OutputEntry.Result(
                LogText.required(line, "result"),
                LogText.required(line, "in"),
                LogText.optional(line, "tool"),
                LogText.shortDigest(line, "fingerprint"),
                LogText.optional(line, "level"),
                LogText.optional(line, "severity"),
                LogText.count(line, "count"));
    }
}
