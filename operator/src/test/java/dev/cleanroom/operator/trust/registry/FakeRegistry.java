package dev.cleanroom.operator.trust.registry;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;

/** A server that answers what a test tells it to, byte by byte: no honest server tells these lies. */
public final class FakeRegistry implements AutoCloseable {
    private static final int ANSWER_SECONDS = 20;

    private final ServerSocket server;
    private final Map<String, Reply> replies = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final CountDownLatch hungUp = new CountDownLatch(1);

    /** @param headers by name in lower case */
    public record Request(String method, String target, Map<String, String> headers, byte[] body) {
        String authorization() {
            return headers.getOrDefault("authorization", "");
        }

        String line() {
            return method + " " + target;
        }
    }

    public interface Reply {
        void to(Request request, OutputStream out) throws IOException;
    }

    public FakeRegistry() {
        this(ServerSocketFactory.getDefault());
    }

    public FakeRegistry(ServerSocketFactory sockets) {
        try {
            server = sockets.createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("fake-registry").start(this::accept);
    }

    /** Host and port, as a reference names it. */
    public String host() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    public Repository repository() {
        return new Repository(host(), "builders/maven");
    }

    /** To any method on the path; what no reply is given for is not found. */
    public FakeRegistry on(String path, Reply reply) {
        replies.put(path, reply);
        return this;
    }

    public List<Request> requests() {
        return requests;
    }

    public List<String> lines() {
        return requests.stream().map(Request::line).toList();
    }

    /** Waits until a client has gone while it was being answered. */
    public boolean sawTheClientHangUp() {
        try {
            return hungUp.await(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    public static Reply status(int status, String... headers) {
        return bytes(status, new byte[0], headers);
    }

    public static Reply json(String body, String... headers) {
        return bytes(200, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** @param headers whole lines */
    public static Reply bytes(int status, byte[] body, String... headers) {
        return (request, out) -> {
            out.write(head(status, "Content-Length: " + body.length, headers));
            if (!request.method().equals("HEAD")) {
                out.write(body);
            }
        };
    }

    /** Begins a body of that length, gives a part, and says no more until the client goes. */
    public Reply stalling(int length, byte[] part, String... headers) {
        return (request, out) -> {
            out.write(head(200, "Content-Length: " + length, headers));
            out.write(part);
            out.flush();
            throw new Stall();
        };
    }

    /** A body without an end. */
    public Reply endless(String... headers) {
        return (request, out) -> {
            out.write(head(200, "Transfer-Encoding: chunked", headers));
            byte[] chunk = ("4000\r\n" + " ".repeat(0x4000) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            try {
                while (true) {
                    out.write(chunk);
                    out.flush();
                }
            } catch (IOException e) {
                hungUp.countDown();
                throw e;
            }
        };
    }

    public static byte[] head(int status, String first, String... headers) {
        StringBuilder head =
                new StringBuilder("HTTP/1.1 " + status + " x\r\n").append(first).append("\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A reply that leaves its connection open and waits for the client to close it. */
    private static final class Stall extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                Thread.ofVirtual().name("fake-registry-connection").start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (Request request = read(in); request != null; request = read(in)) {
                requests.add(request);
                String path = request.target().split("[?]", 2)[0];
                try {
                    replies.getOrDefault(path, status(404)).to(request, out);
                    out.flush();
                } catch (Stall e) {
                    awaitEnd(in);
                    return;
                }
            }
        } catch (IOException e) {
            // The client went away: what it thinks of that is the test's.
        }
    }

    private void awaitEnd(InputStream in) throws IOException {
        try {
            while (in.read() >= 0) {
                // Nothing more is wanted from it.
            }
        } catch (SocketException e) {
            // Reset: gone as well.
        }
        hungUp.countDown();
    }

    private static Request read(InputStream in) throws IOException {
        String first = line(in);
        if (first.isEmpty()) {
            return null;
        }
        String[] parts = first.split(" ");
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon < 0) {
                throw new IOException("a client that does not speak HTTP");
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        return new Request(parts[0], parts[1], headers, body);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int read = in.read(); read >= 0 && read != '\n'; read = in.read()) {
            if (read != '\r') {
                line.write(read);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
