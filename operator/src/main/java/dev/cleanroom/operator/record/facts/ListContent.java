package dev.cleanroom.operator.record.facts;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/** Reads lists that a record stores: lines of JSON in gzip, in base64. */
final class ListContent {
    private static final ObjectReader JSON = new ObjectMapper().reader();

    private ListContent() {}

    /**
     * @param longest of the compressed lists, in bytes
     * @param line is called with each line
     * @return why the content, or the rest of it, cannot be read: the rest of a sentence about it
     */
    static Optional<String> read(String content, int longest, Consumer<JsonNode> line) {
        if (content.length() > (longest + 2) / 3 * 4) {
            return Optional.of("is longer than " + longest / 1024 + " KiB");
        }
        byte[] lines;
        try (var inflated =
                new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(content)))) {
            lines = inflated.readNBytes(RecordDetail.LONGEST + 1);
        } catch (IllegalArgumentException e) {
            return Optional.of("is not base64");
        } catch (IOException e) {
            return Optional.of("is not gzip, or was cut");
        }
        return lines.length > RecordDetail.LONGEST
                ? Optional.of("is longer than " + RecordDetail.LONGEST / 1024 / 1024 + " MiB when it is inflated")
                : parse(lines, line);
    }

    private static Optional<String> parse(byte[] lines, Consumer<JsonNode> line) {
        int start = 0;
        for (int at = 0; at <= lines.length; at++) {
            if (at < lines.length && lines[at] != '\n') {
                continue;
            }
            if (at - start > RecordDetail.LONGEST_LINE) {
                return Optional.of("has a line of more than " + RecordDetail.LONGEST_LINE + " bytes");
            }
            if (at > start) {
                try {
                    line.accept(JSON.readTree(lines, start, at - start));
                } catch (JsonProcessingException e) {
                    return Optional.of("has a line that is not JSON");
                } catch (IOException e) {
                    return Optional.of("cannot be read");
                }
            }
            start = at + 1;
        }
        return Optional.empty();
    }
}
