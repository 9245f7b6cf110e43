package dev.cleanroom.operator.record.facts;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What a record's detail lists. All texts were chosen by the build, so each is bounded and on one line. */
public record RecordDetail(
        List<DetailEntry.File> files, List<DetailEntry.Dependency> dependencies, List<DetailEntry.Package> packages) {
    /** The longest content after it is inflated, in bytes. */
    public static final int LONGEST = 16 * 1024 * 1024;

    public static final int LONGEST_LINE = 8 * 1024;

    private static final int MOST_HOOKS = 16;

    /** What became of a content. */
    public sealed interface Decoded {}

    public record Read(RecordDetail detail) implements Decoded {}

    /** @param why the rest of a sentence about the content */
    public record Unreadable(String why) implements Decoded {}

    /**
     * Reads lines of JSON. Lines of kinds that are not known are ignored: a newer version wrote them.
     *
     * @param content base64 of gzip
     */
    public static Decoded decode(String content) {
        RecordDetail detail = new RecordDetail(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        return ListContent.read(content, DetailLists.LONGEST, detail::add)
                .<Decoded>map(Unreadable::new)
                .orElseGet(() -> new Read(detail));
    }

    private void add(JsonNode line) {
        if (line.has("file")) {
            files.add(new DetailEntry.File(
                    LogText.required(line, "file"),
                    Math.max(0, line.path("size").asLong()),
                    LogText.optional(line, "sha256"),
                    LogText.optional(line, "lockfile"),
                    LogText.count(line, "dependencies")));
        } else if (line.has("dependency")) {
            dependencies.add(new DetailEntry.Dependency(
                    LogText.required(line, "dependency"),
                    LogText.optional(line, "ecosystem"),
                    LogText.optional(line, "version"),
                    LogText.optional(line, "source"),
                    LogText.optional(line, "integrity"),
                    line.path("installCode").asBoolean(),
                    LogText.optional(line, "lockfile")));
        } else if (line.has("package")) {
            packages.add(new DetailEntry.Package(
                    LogText.required(line, "package"),
                    LogText.optional(line, "ecosystem"),
                    LogText.optional(line, "name"),
                    LogText.optional(line, "version"),
                    LogText.optional(line, "sha256"),
                    LogText.optional(line, "installCode"),
                    LogText.texts(line, "hooks", MOST_HOOKS),
                    LogText.count(line, "native")));
        }
    }
}
