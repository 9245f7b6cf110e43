package dev.cleanroom.operator.record.facts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;

/** What a record's detail lists. All texts were chosen by the build, so each is bounded and on one line. */
public record RecordDetail(
        List<DetailEntry.File> files, List<DetailEntry.Dependency> dependencies, List<DetailEntry.Package> packages) {
    /** The longest content after it is inflated, in bytes. */
    public static final int LONGEST = 16 * 1024 * 1024;

    public static final int LONGEST_LINE = 8 * 1024;

    private static final int MOST_HOOKS = 16;
    private static final ObjectReader JSON = new ObjectMapper().reader();

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
        if (content.length() > (DetailLists.LONGEST + 2) / 3 * 4) {
            return new Unreadable("is longer than " + DetailLists.LONGEST / 1024 + " KiB");
        }
        byte[] lines;
        try (var inflated =
                new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(content)))) {
            lines = inflated.readNBytes(LONGEST + 1);
        } catch (IllegalArgumentException e) {
            return new Unreadable("is not base64");
        } catch (IOException e) {
            return new Unreadable("is not gzip, or was cut");
        }
        return lines.length > LONGEST
                ? new Unreadable("is longer than " + LONGEST / 1024 / 1024 + " MiB when it is inflated")
                : parse(lines);
    }

    private static Decoded parse(byte[] lines) {
        RecordDetail detail = new RecordDetail(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        int start = 0;
        for (int at = 0; at <= lines.length; at++) {
            if (at < lines.length && lines[at] != '\n') {
                continue;
            }
            if (at - start > LONGEST_LINE) {
                return new Unreadable("has a line of more than " + LONGEST_LINE + " bytes");
            }
            if (at > start) {
                try {
                    detail.add(JSON.readTree(lines, start, at - start));
                } catch (JsonProcessingException e) {
                    return new Unreadable("has a line that is not JSON");
                } catch (IOException e) {
                    return new Unreadable("cannot be read");
                }
            }
            start = at + 1;
        }
        return new Read(detail);
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
                    hooks(line.path("hooks")),
                    LogText.count(line, "native")));
        }
    }

    private static List<String> hooks(JsonNode hooks) {
        return StreamSupport.stream(hooks.spliterator(), false)
                .limit(MOST_HOOKS)
                .map(hook -> LogText.bounded(hook.asText("")))
                .toList();
    }
}
