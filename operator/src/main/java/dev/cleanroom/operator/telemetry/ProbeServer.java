package dev.cleanroom.operator.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@code /livez}, {@code /readyz} and {@code /metrics}, also before the first reconcile. */
public final class ProbeServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ProbeServer.class);
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

    private final HttpServer server;

    private ProbeServer(HttpServer server) {
        this.server = server;
    }

    /** @param port the port to listen on; 0 for any free port */
    public static ProbeServer start(int port, BooleanSupplier ready, Supplier<String> metrics) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/livez", exchange -> answer(exchange, 200, TEXT, "ok\n"));
            server.createContext("/readyz", exchange -> {
                boolean yes = ready.getAsBoolean();
                answer(exchange, yes ? 200 : 503, TEXT, yes ? "ok\n" : "the caches are not synced yet\n");
            });
            server.createContext("/metrics", exchange -> answer(exchange, 200, EXPOSITION, metrics.get()));
            server.start();
            int bound = server.getAddress().getPort();
            log.atInfo().addKeyValue("port", bound).log("Serving probes and metrics on port {}", bound);
            return new ProbeServer(server);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot listen on port " + port + "; choose another with --port: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int code, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
