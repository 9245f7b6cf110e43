package dev.cleanroom.operator.lab;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Optional;

/**
 * One client's connection, with one to the API server behind it:
 * <ol>
 *   <li>read a request whole and record it;
 *   <li>ask the proxy what is to happen to it;
 *   <li>forward it, and pass the answer on as it comes; or do what the fault says;
 *   <li>again, until one side ends the connection.
 * </ol>
 */
final class ProxyConnection implements Runnable {
    private final RecordingProxy proxy;
    private final Upstream upstream;
    private final Socket client;
    private Upstream.Connection server;

    ProxyConnection(RecordingProxy proxy, Upstream upstream, Socket client) {
        this.proxy = proxy;
        this.upstream = upstream;
        this.client = client;
    }

    @Override
    public void run() {
        try (client) {
            client.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = client.getOutputStream();
            boolean open = true;
            while (open) {
                Optional<HttpHead> head = HttpHead.read(in);
                if (head.isEmpty()) {
                    return;
                }
                open = handle(head.get(), in, out);
            }
        } catch (IOException | InterruptedException e) {
            // Either side went away, which is what clients do and what this proxy is for; the request has no status.
        } finally {
            close();
            proxy.ended(this);
        }
    }

    private boolean handle(HttpHead head, InputStream in, OutputStream out) throws IOException, InterruptedException {
        byte[] body = head.readBody(in);
        RecordedRequest request = new RecordedRequest(
                head.method(), head.target(), head.header("Content-Type"), head.header("User-Agent"), body);
        return switch (proxy.judge(request)) {
            case RecordingProxy.Forward() -> forward(request, head, body, in, out);
            case RecordingProxy.Refuse() -> false;
            case Fault.Hold hold -> {
                hold.await();
                yield forward(request, head, body, in, out);
            }
            case Fault.Answer answer -> {
                out.write(answer.bytes());
                out.flush();
                request.answered(answer.code());
                yield !head.closes();
            }
            case Fault.CutBefore() -> {
                proxy.kill();
                yield false;
            }
            case Fault.CutAfter() -> {
                forward(request, head, body, in, OutputStream.nullOutputStream());
                proxy.kill();
                yield false;
            }
        };
    }

    private boolean forward(RecordedRequest request, HttpHead head, byte[] body, InputStream in, OutputStream out)
            throws IOException {
        Upstream.Connection connection = connection();
        HttpHead next = head.forNextHop();
        if (!proxy.sendUnlessKilled(request, connection, body.length > 0 ? next.withLength(body.length) : next, body)) {
            return false;
        }
        boolean endless = Requests.watches().test(request) || head.upgradesToWebSocket();
        if (endless && !head.upgradesToWebSocket()) {
            // A client ends a watch by closing its connection: without this the API server would go on with it.
            Thread.ofVirtual().start(() -> closeWhenClientLeaves(in));
        }
        boolean more = answer(request, connection, in, out, endless);
        connection.used();
        return more && !head.closes();
    }

    private boolean answer(
            RecordedRequest request, Upstream.Connection connection, InputStream in, OutputStream out, boolean endless)
            throws IOException {
        HttpHead head = HttpHead.read(connection.in()).orElseThrow(() -> new IOException("no answer"));
        while (head.status() < 200 && head.status() != 101) {
            head = HttpHead.read(connection.in()).orElseThrow(() -> new IOException("no answer"));
        }
        request.answered(head.status());
        if (head.status() == 101) {
            out.write(head.bytes());
            out.flush();
            tunnel(connection, in, out);
            return false;
        }
        boolean bodyless = request.method().equals("HEAD") || head.status() == 204 || head.status() == 304;
        boolean untilClose = !bodyless && !head.chunked() && head.length() < 0;
        boolean last = endless || untilClose || head.closes();
        HttpHead next = head.forNextHop();
        out.write((last ? next.with("Connection", "close") : next).bytes());
        out.flush();
        if (bodyless) {
            return !last;
        }
        if (head.chunked()) {
            HttpHead.relayChunks(connection.in(), out, true);
        } else {
            copy(connection.in(), out, untilClose ? Long.MAX_VALUE : head.length());
        }
        return !last;
    }

    private void tunnel(Upstream.Connection connection, InputStream in, OutputStream out) throws IOException {
        Thread.ofVirtual().start(() -> {
            try {
                copy(in, connection.out(), Long.MAX_VALUE);
            } catch (IOException e) {
                // The other direction ends too, and says all there is to say.
            } finally {
                close();
            }
        });
        copy(connection.in(), out, Long.MAX_VALUE);
    }

    private static void copy(InputStream in, OutputStream out, long length) throws IOException {
        byte[] buffer = new byte[16 * 1024];
        long left = length;
        while (left > 0) {
            int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (read < 0) {
                return;
            }
            out.write(buffer, 0, read);
            out.flush();
            left -= read;
        }
    }

    private void closeWhenClientLeaves(InputStream in) {
        try {
            in.read();
        } catch (IOException e) {
            // Gone as well.
        }
        close();
    }

    private synchronized Upstream.Connection connection() throws IOException {
        if (server != null && server.fresh()) {
            return server;
        }
        if (server != null) {
            server.close();
        }
        server = upstream.open();
        return server;
    }

    /** Ends both sides; a read that waits on either returns. */
    synchronized void close() {
        try {
            client.close();
        } catch (IOException e) {
            // It is being thrown away; there is nobody to tell.
        }
        if (server != null) {
            server.close();
        }
    }
}
