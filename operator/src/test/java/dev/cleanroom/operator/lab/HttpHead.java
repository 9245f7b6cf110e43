package dev.cleanroom.operator.lab;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The start line and headers of an HTTP/1.1 message, and the three ways its body can be framed (RFC 9112). */
record HttpHead(String start, List<Header> headers) {
    private static final Set<String> HOP_BY_HOP =
            Set.of("connection", "keep-alive", "proxy-connection", "upgrade", "http2-settings", "te");

    record Header(String name, String value) {
        boolean is(String other) {
            return name.equalsIgnoreCase(other);
        }
    }

    /** The next head, or empty when the peer ended the connection instead of starting a message. */
    static Optional<HttpHead> read(InputStream in) throws IOException {
        Optional<String> start = line(in);
        if (start.isEmpty()) {
            return Optional.empty();
        }
        List<Header> headers = new ArrayList<>();
        while (true) {
            String line = line(in).orElseThrow(() -> new EOFException("connection ended within the headers"));
            if (line.isEmpty()) {
                return Optional.of(new HttpHead(start.get(), headers));
            }
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IOException("not a header: " + line);
            }
            headers.add(new Header(
                    line.substring(0, colon), line.substring(colon + 1).strip()));
        }
    }

    String method() {
        return start.substring(0, start.indexOf(' '));
    }

    String target() {
        return start.split(" ")[1];
    }

    int status() {
        return Integer.parseInt(start.split(" ")[1]);
    }

    String header(String name) {
        return headers.stream()
                .filter(h -> h.is(name))
                .map(Header::value)
                .findFirst()
                .orElse("");
    }

    boolean upgradesToWebSocket() {
        return header("Upgrade").equalsIgnoreCase("websocket");
    }

    boolean closes() {
        return header("Connection").toLowerCase(Locale.ROOT).contains("close");
    }

    boolean chunked() {
        return header("Transfer-Encoding").toLowerCase(Locale.ROOT).contains("chunked");
    }

    /** The length of the body, or -1 when it is not told. */
    long length() {
        String length = header("Content-Length");
        return length.isEmpty() ? -1 : Long.parseLong(length);
    }

    /** Without what concerns one connection only; a WebSocket handshake keeps its upgrade. */
    HttpHead forNextHop() {
        if (upgradesToWebSocket()) {
            return this;
        }
        return new HttpHead(
                start,
                headers.stream()
                        .filter(h -> !HOP_BY_HOP.contains(h.name().toLowerCase(Locale.ROOT)))
                        .toList());
    }

    /** For a message whose body was read whole: framed by its length. */
    HttpHead withLength(int length) {
        List<Header> framed = new ArrayList<>(headers.stream()
                .filter(h -> !h.is("Transfer-Encoding") && !h.is("Content-Length"))
                .toList());
        framed.add(new Header("Content-Length", Integer.toString(length)));
        return new HttpHead(start, framed);
    }

    HttpHead with(String name, String value) {
        List<Header> more = new ArrayList<>(headers);
        more.add(new Header(name, value));
        return new HttpHead(start, more);
    }

    byte[] bytes() {
        StringBuilder text = new StringBuilder(start).append("\r\n");
        headers.forEach(
                h -> text.append(h.name()).append(": ").append(h.value()).append("\r\n"));
        return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Reads the whole body of a request, decoded when it is chunked. */
    byte[] readBody(InputStream in) throws IOException {
        if (chunked()) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            relayChunks(in, body, false);
            return body.toByteArray();
        }
        byte[] body = in.readNBytes((int) Math.max(0, length()));
        if (body.length < length()) {
            throw new EOFException("connection ended within the body");
        }
        return body;
    }

    /** Passes chunks on as they come, each flushed: a watch is a body that does not end. Returns at the last chunk. */
    static void relayChunks(InputStream in, OutputStream out, boolean framed) throws IOException {
        while (true) {
            String size = line(in).orElseThrow(() -> new EOFException("connection ended before the last chunk"));
            int length = Integer.parseInt(size.split(";")[0].strip(), 16);
            if (framed) {
                out.write((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            }
            if (length == 0) {
                relayTrailers(in, out, framed);
                return;
            }
            byte[] chunk = in.readNBytes(length);
            if (chunk.length < length) {
                throw new EOFException("connection ended within a chunk");
            }
            out.write(chunk);
            line(in);
            if (framed) {
                out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
            }
            out.flush();
        }
    }

    private static void relayTrailers(InputStream in, OutputStream out, boolean framed) throws IOException {
        while (true) {
            String line = line(in).orElse("");
            if (framed) {
                out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            }
            if (line.isEmpty()) {
                out.flush();
                return;
            }
        }
    }

    private static Optional<String> line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                if (line.size() > 0) {
                    throw new EOFException("connection ended within a line");
                }
                return Optional.empty();
            }
            line.write(next);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return Optional.of(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
    }
}
