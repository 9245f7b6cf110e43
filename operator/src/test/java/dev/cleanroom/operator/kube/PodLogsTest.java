package dev.cleanroom.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that a node, or an API server in trouble, gives to a request for a log. */
class PodLogsTest {
    private static final ObjectKey POD = new ObjectKey(Resource.POD, "team", "payments-0-1");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MOST = 100_000;

    private HttpServer server;
    private KubernetesClient client;
    private PodLogs logs;
    private final List<URI> asked = new ArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    private interface Reply {
        void write(HttpExchange exchange) throws IOException;
    }

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        client = Clients.forWriting(new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .build());
        logs = new PodLogs(client, "observer");
    }

    @AfterEach
    void close() {
        client.close();
        server.stop(0);
    }

    @Test
    void aLogIsRead() {
        answer(200, "{\"observer\":1}\n");
        assertThat(read()).isEqualTo("{\"observer\":1}\n");
        assertThat(asked)
                .containsExactly(URI.create(
                        "/api/v1/namespaces/team/pods/payments-0-1/log?container=observer&limitBytes=" + MOST));
    }

    @Test
    void anEmptyLogIsRead() {
        answer(200, "");
        assertThat(read()).isEmpty();
    }

    @Test
    void aLogThatNeverEndsIsCutAndItsConnectionEnds() throws InterruptedException {
        byte[] chunk = new byte[8_192];
        reply(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                while (true) {
                    exchange.getResponseBody().write(chunk);
                }
            } catch (IOException e) {
                closed.countDown();
            }
        });
        assertThat(logs.read(POD, MOST, PATIENCE))
                .isInstanceOfSatisfying(
                        PodLog.Read.class, read -> assertThat(read.bytes()).hasSize(MOST));
        assertThat(closed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("the node is not read from any more")
                .isTrue();
    }

    @Test
    void aNodeThatSendsNothingIsUnavailable() {
        reply(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            await(closed);
        });
        assertThat(logs.read(POD, MOST, Duration.ofMillis(200))).isInstanceOf(PodLog.Unavailable.class);
        closed.countDown();
    }

    @Test
    void aRefusalHasItsCodeAndMessage() {
        answer(403, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"message\":\"pods is forbidden\",\"code\":403}");
        assertThat(logs.read(POD, MOST, PATIENCE)).isEqualTo(new PodLog.Refused(403, "pods is forbidden"));
        answer(404, "<html>not here</html>");
        assertThat(logs.read(POD, MOST, PATIENCE)).isEqualTo(new PodLog.Refused(404, "HTTP 404"));
    }

    @Test
    void anErrorOfTheServerMayPass() {
        answer(500, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"message\":\"dial tcp: i/o timeout\",\"code\":500}");
        assertThat(logs.read(POD, MOST, PATIENCE)).isEqualTo(new PodLog.Unavailable("dial tcp: i/o timeout"));
        answer(429, "");
        assertThat(logs.read(POD, MOST, PATIENCE)).isEqualTo(new PodLog.Unavailable("HTTP 429"));
    }

    @Test
    void aServerThatIsGoneIsUnavailable() {
        server.stop(0);
        assertThat(logs.read(POD, MOST, PATIENCE)).isInstanceOf(PodLog.Unavailable.class);
    }

    private String read() {
        return logs.read(POD, MOST, PATIENCE) instanceof PodLog.Read(byte[] bytes)
                ? new String(bytes, StandardCharsets.UTF_8)
                : "";
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(int code, String body) {
        reply(exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(code, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        });
    }

    private void reply(Reply reply) {
        if (!asked.isEmpty()) {
            server.removeContext("/");
        }
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI());
            reply.write(exchange);
            exchange.close();
        });
    }
}
