package dev.cleanroom.operator.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The proxy's own part, against a small HTTP server: framing, streaming, cuts, faults. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RecordingProxyTest {
    private static final String PODS = "/api/v1/namespaces/team/pods";

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final CountDownLatch watchMayEnd = new CountDownLatch(1);
    private final CompletableFuture<Void> watchEnded = new CompletableFuture<>();
    private HttpServer server;
    private RecordingProxy proxy;
    private HttpClient client;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
        proxy = RecordingProxy.inFrontOf(new ConfigBuilder(io.fabric8.kubernetes.client.Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .build());
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterEach
    void stop() {
        watchMayEnd.countDown();
        proxy.close();
        client.shutdownNow();
        server.stop(0);
    }

    /** Echoes; a watch sends a line, waits, and sends a line a tenth of a second until it may end or is left. */
    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        heard.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body);
        boolean watch = exchange.getRequestURI().toString().contains("watch=true");
        byte[] echo = ("echo:" + body).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, watch ? 0 : echo.length);
        try (OutputStream out = exchange.getResponseBody()) {
            if (!watch) {
                out.write(echo);
                return;
            }
            boolean end = false;
            while (!end) {
                out.write("event\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
                end = watchMayEnd.await(100, TimeUnit.MILLISECONDS);
            }
        } catch (IOException e) {
            watchEnded.complete(null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void recordsAndForwardsARequestWithItsBody() throws Exception {
        HttpResponse<String> response = post(PODS, "{\"kind\":\"Pod\"}");

        assertThat(response.body()).isEqualTo("echo:{\"kind\":\"Pod\"}");
        RecordedRequest recorded = proxy.requests().getFirst();
        assertThat(recorded.method()).isEqualTo("POST");
        assertThat(recorded.path()).isEqualTo(PODS);
        assertThat(recorded.query()).isEqualTo("fieldManager=test");
        assertThat(recorded.contentType()).isEqualTo("application/json");
        assertThat(recorded.userAgent()).isEqualTo("proxy-test");
        assertThat(recorded.bodyBytes()).isEqualTo(14);
        assertThat(recorded.status()).isEqualTo(200);
        assertThat(recorded.api()).isEqualTo(new ApiPath("", "team", "pods", "", ""));
    }

    @Test
    void decodesAChunkedRequest() throws Exception {
        byte[] body = "x".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        HttpRequest request = request(PODS)
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                .build();

        assertThat(client.send(request, BodyHandlers.ofString()).body()).hasSize(100_005);
        assertThat(proxy.requests().getFirst().bodyBytes()).isEqualTo(100_000);
    }

    @Test
    void servesManyRequestsOnOneConnectionEachWay() throws Exception {
        for (int i = 0; i < 50; i++) {
            assertThat(post(PODS, "n" + i).body()).isEqualTo("echo:n" + i);
        }
        assertThat(proxy.requests()).hasSize(50);
        assertThat(proxy.connectionsSoFar()).isEqualTo(1);
    }

    @Test
    void passesAWatchOnAsItComes() throws Exception {
        try (BufferedReader events = watch()) {
            // Read while the server has not ended its answer: a buffered body would block here.
            assertThat(events.readLine()).isEqualTo("event");
            assertThat(events.readLine()).isEqualTo("event");
        }
    }

    @Test
    void endsTheServersSideOfAWatchThatTheClientLeft() throws Exception {
        try (BufferedReader events = watch()) {
            assertThat(events.readLine()).isEqualTo("event");
        }
        assertThat(watchEnded).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void cutsBeforeTheNthWriteAndRefusesEverythingAfter() throws Exception {
        proxy.cutBefore(Requests.writes(), 3);

        post(PODS, "1");
        get(PODS);
        post("/apis/coordination.k8s.io/v1/namespaces/a/leases", "lease");
        post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "review");
        post(PODS, "2");
        assertThatThrownBy(() -> post(PODS, "3")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> get(PODS)).isInstanceOf(IOException.class);

        assertThat(proxy.awaitKilled(10, TimeUnit.SECONDS)).isTrue();
        assertThat(written()).containsExactly("1", "2");
        assertThat(proxy.requests(Requests.writes()).getLast().forwarded()).isFalse();
    }

    @Test
    void cutsAfterTheNthWriteWasAnsweredAndBeforeTheClientHears() throws Exception {
        proxy.cutAfter(Requests.writes(), 2);

        post(PODS, "1");
        assertThatThrownBy(() -> post(PODS, "2")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> post(PODS, "3")).isInstanceOf(IOException.class);

        assertThat(proxy.awaitKilled(10, TimeUnit.SECONDS)).isTrue();
        assertThat(written()).containsExactly("1", "2");
        assertThat(proxy.requests(Requests.writes()).get(1).status()).isEqualTo(200);
    }

    @Test
    void cutsOpenWatchesOffToo() throws Exception {
        try (BufferedReader events = watch()) {
            assertThat(events.readLine()).isEqualTo("event");
            proxy.kill();
            assertThatThrownBy(() -> {
                        while (events.readLine() != null) {
                            // What was under way may still arrive.
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void holdsRequestsUntilReleased() throws Exception {
        Fault.Hold hold = proxy.hold(Requests.method("POST"));
        CompletableFuture<HttpResponse<String>> held = client.sendAsync(
                request(PODS).POST(BodyPublishers.ofString("held")).build(), BodyHandlers.ofString());

        Awaitility.await().until(() -> hold.held() == 1);
        assertThat(get(PODS).statusCode()).isEqualTo(200);
        assertThat(written()).isEmpty();
        hold.release();

        assertThat(held.get(10, TimeUnit.SECONDS).body()).isEqualTo("echo:held");
    }

    @Test
    void aHeldRequestOfAKilledInstanceIsNeverForwarded() throws Exception {
        Fault.Hold hold = proxy.hold(Requests.method("POST"));
        CompletableFuture<HttpResponse<String>> held = client.sendAsync(
                request(PODS).POST(BodyPublishers.ofString("held")).build(), BodyHandlers.ofString());
        Awaitility.await().until(() -> hold.held() == 1);

        proxy.kill();
        hold.release();

        assertThat(held).failsWithin(Duration.ofSeconds(10));
        assertThat(written()).isEmpty();
    }

    @Test
    void answersInTheServersPlaceAsOftenAsAsked() throws Exception {
        proxy.answer(Requests.on("pods"), 2, Fault.Answer.tooManyRequests(7));

        HttpResponse<String> response = post(PODS, "1");
        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("Retry-After")).contains("7");
        assertThat(response.body()).contains("\"reason\":\"TooManyRequests\"", "\"retryAfterSeconds\":7");
        assertThat(post(PODS, "2").statusCode()).isEqualTo(429);
        assertThat(post(PODS, "3").statusCode()).isEqualTo(200);
        assertThat(written()).containsExactly("3");
    }

    @Test
    void parsesPathsOfTheApi() {
        assertThat(ApiPath.parse("/api/v1/namespaces/a")).isEqualTo(new ApiPath("", "", "namespaces", "a", ""));
        assertThat(ApiPath.parse("/api/v1/namespaces/a/finalize"))
                .isEqualTo(new ApiPath("", "", "namespaces", "a", "finalize"));
        assertThat(ApiPath.parse("/apis/cleanroom.dev/v1alpha1/namespaces/a/buildenvironments/b/status"))
                .isEqualTo(new ApiPath("cleanroom.dev", "a", "buildenvironments", "b", "status"));
        assertThat(ApiPath.parse("/apis/cleanroom.dev/v1alpha1/buildenvironmentclasses"))
                .isEqualTo(new ApiPath("cleanroom.dev", "", "buildenvironmentclasses", "", ""));
        assertThat(ApiPath.parse("/readyz").resource()).isEmpty();
    }

    /** The bodies of the POSTs on pods that the server heard. */
    private List<String> written() {
        String prefix = "POST " + PODS + "?fieldManager=test ";
        return heard.stream()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .toList();
    }

    private BufferedReader watch() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(proxy.url() + PODS + "?watch=true"))
                .build();
        InputStream body = client.send(request, BodyHandlers.ofInputStream()).body();
        return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).GET().build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return client.send(request(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(proxy.url() + path + "?fieldManager=test"))
                .header("Content-Type", "application/json")
                .header("User-Agent", "proxy-test");
    }
}
