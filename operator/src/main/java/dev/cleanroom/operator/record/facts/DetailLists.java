package dev.cleanroom.operator.record.facts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.operator.kube.ContentHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * The lists of a record's detail, as the record stores them: lines of JSON in gzip, first files, then packages with install
 * code, dependencies, and the other packages, each sorted. If they are longer than {@link #LONGEST}, the last are left out.
 *
 * @param sha256 over all lines, those left out included, so that equal lists have equal digests
 * @param content base64 of the compressed lines
 * @param omitted how many lines were left out
 */
public record DetailLists(String sha256, String content, int omitted) {
    /** The longest compressed lists, in bytes. */
    public static final int LONGEST = 128 * 1024;

    /** The longest compressed lists of outputs, in bytes. */
    public static final int LONGEST_OUTPUTS = 64 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    public static DetailLists of(List<? extends DetailEntry> entries) {
        return of(entries.stream().map(entry -> new Line(rank(entry), line(entry))), LONGEST);
    }

    /** First results, then entries of artifacts, then those of archives within them. */
    public static DetailLists ofOutputs(List<? extends OutputEntry> entries) {
        return of(entries.stream().map(entry -> new Line(rank(entry), line(entry))), LONGEST_OUTPUTS);
    }

    private static DetailLists of(Stream<Line> entries, int longest) {
        List<String> lines = entries.sorted(Comparator.comparingInt(Line::rank).thenComparing(Line::text))
                .map(Line::text)
                .toList();
        byte[] all = compressed(lines);
        int kept = lines.size();
        if (all.length > longest) {
            kept = mostThatFit(lines, longest);
            all = compressed(lines.subList(0, kept));
        }
        return new DetailLists(
                ContentHash.ofTexts(lines), Base64.getEncoder().encodeToString(all), lines.size() - kept);
    }

    private record Line(int rank, String text) {}

    /** What matters least is last, and is left out first. */
    private static int rank(DetailEntry entry) {
        return switch (entry) {
            case DetailEntry.File _ -> 0;
            case DetailEntry.Package fetched -> fetched.installCode() != null ? 1 : 3;
            case DetailEntry.Dependency _ -> 2;
        };
    }

    private static int rank(OutputEntry entry) {
        return switch (entry) {
            case OutputEntry.Result _ -> 0;
            case OutputEntry.Entry inside -> inside.in().indexOf('!') < 0 ? 1 : 2;
        };
    }

    /** Searched by halves: how well lines compress is not known before. */
    private static int mostThatFit(List<String> lines, int longest) {
        int fits = 0;
        int tooMany = lines.size();
        while (tooMany - fits > 1) {
            int middle = (fits + tooMany) / 2;
            if (compressed(lines.subList(0, middle)).length <= longest) {
                fits = middle;
            } else {
                tooMany = middle;
            }
        }
        return fits;
    }

    private static String line(Object entry) {
        try {
            return JSON.writeValueAsString(entry) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] compressed(List<String> lines) {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            for (String line : lines) {
                gzip.write(line.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
