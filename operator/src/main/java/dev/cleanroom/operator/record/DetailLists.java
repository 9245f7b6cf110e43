package dev.cleanroom.operator.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.operator.kube.ContentHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * The lists of a record's detail, as the record stores them: lines of JSON in gzip. If they are longer than
 * {@link #LONGEST}, entries are left out, beginning with packages without install code.
 *
 * @param sha256 over all lines, those left out included, so that equal lists have equal digests
 * @param content base64 of the compressed lines
 * @param omitted how many lines were left out
 */
public record DetailLists(String sha256, String content, int omitted) {
    /** The longest compressed lists, in bytes. */
    static final int LONGEST = 128 * 1024;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param entries each list in its order; the entries that matter least are last */
    static DetailLists of(List<? extends DetailEntry> entries) {
        List<String> lines = entries.stream().map(DetailLists::line).toList();
        byte[] all = compressed(lines);
        int kept = lines.size();
        if (all.length > LONGEST) {
            kept = mostThatFit(lines);
            all = compressed(lines.subList(0, kept));
        }
        return new DetailLists(
                ContentHash.ofTexts(lines), Base64.getEncoder().encodeToString(all), lines.size() - kept);
    }

    /** Files first, then packages with install code, dependencies, and the other packages; each sorted. */
    static List<DetailEntry> inOrder(
            List<DetailEntry.File> files,
            List<DetailEntry.Dependency> dependencies,
            List<DetailEntry.Package> packages) {
        List<DetailEntry> entries = new ArrayList<>();
        sorted(files.stream()).forEach(entries::add);
        sorted(packages.stream().filter(each -> each.installCode() != null)).forEach(entries::add);
        sorted(dependencies.stream()).forEach(entries::add);
        sorted(packages.stream().filter(each -> each.installCode() == null)).forEach(entries::add);
        return entries;
    }

    /** Searched by halves: how well lines compress is not known before. */
    private static int mostThatFit(List<String> lines) {
        int fits = 0;
        int tooMany = lines.size();
        while (tooMany - fits > 1) {
            int middle = (fits + tooMany) / 2;
            if (compressed(lines.subList(0, middle)).length <= LONGEST) {
                fits = middle;
            } else {
                tooMany = middle;
            }
        }
        return fits;
    }

    private static Stream<? extends DetailEntry> sorted(Stream<? extends DetailEntry> entries) {
        return entries.map(entry -> new Line(line(entry), entry))
                .sorted((a, b) -> a.text().compareTo(b.text()))
                .map(Line::entry);
    }

    private record Line(String text, DetailEntry entry) {}

    private static String line(DetailEntry entry) {
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
