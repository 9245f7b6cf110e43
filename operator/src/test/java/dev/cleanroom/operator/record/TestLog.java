package dev.cleanroom.operator.record;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** An observer's log, with its digest. */
record TestLog(String lines, String end) {
    static TestLog of(String... lines) {
        return ending("\"end\":\"Complete\",\"omitted\":0", lines);
    }

    /** @param end the fields of the last line beside the digest */
    static TestLog ending(String end, String... lines) {
        return new TestLog(lines.length == 0 ? "" : String.join("\n", lines) + "\n", end);
    }

    String digest() {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(lines.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    int beforeEnd() {
        return lines.getBytes(StandardCharsets.UTF_8).length;
    }

    byte[] bytes() {
        return (lines + "{" + end + ",\"sha256\":\"" + digest() + "\"}\n").getBytes(StandardCharsets.UTF_8);
    }
}
