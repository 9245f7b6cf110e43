package dev.cleanroom.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that are not an API server's own: a load balancer's page, a crashed handler's text. */
class RestApiTest {
    private static final ObjectKey POD = new ObjectKey(Resource.POD, "team", "payments-0-1");

    private HttpServer server;
    private KubernetesClient client;
    private RestApi api;
    private final List<URI> asked = new ArrayList<>();
    private final Deque<Reply> replies = new ArrayDeque<>();

    private record Reply(int code, String body) {}

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI());
            Reply reply = replies.size() > 1 ? replies.removeFirst() : replies.getFirst();
            byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(reply.code(), bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        client = Clients.forWriting(new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .build());
        api = new RestApi(client);
    }

    @AfterEach
    void close() {
        client.close();
        server.stop(0);
    }

    @Test
    void aTextWithAnErrorsCodeIsThatError() {
        answer(500, "Internal Server Error: \"/api/v1/namespaces/team/pods\": the handler \t failed: {");
        assertThatExceptionOfType(ApiUnavailableException.class)
                .isThrownBy(() -> api.get(POD))
                .withMessage("HTTP 500");
        answer(403, "<html>not from here</html>");
        assertThat(api.get(POD)).isEqualTo(new Answer.Rejected(403, "", "HTTP 403"));
    }

    @Test
    void aPageInPlaceOfAnObjectIsNoAnswer() {
        answer(200, "<html>log in first</html>");
        assertThatExceptionOfType(ApiUnavailableException.class)
                .isThrownBy(() -> api.get(POD))
                .withMessageStartingWith("the answer is not an API server's: HTTP 200");
        assertThatExceptionOfType(ApiUnavailableException.class)
                .isThrownBy(() -> api.anyExists(Resource.POD, "team", "a=b"));
    }

    @Test
    void aListGoesOnUntilTheServerHasNoMore() {
        answer(page("a", "YQ=="), page("b", "Yg=="), page("c", ""));
        assertThat(api.list(Resource.POD, "team", "x=y", Pod.class).orElseThrow())
                .extracting(pod -> pod.getMetadata().getName())
                .containsExactly("a", "b", "c");
        assertThat(asked)
                .extracting(URI::getRawQuery)
                .allMatch(query -> query.contains("&labelSelector=x%3Dy"))
                .satisfiesExactly(
                        first -> assertThat(first).doesNotContain("continue"),
                        second -> assertThat(second).endsWith("&continue=YQ%3D%3D"),
                        third -> assertThat(third).endsWith("&continue=Yg%3D%3D"));
    }

    /** A later page that is refused because its token expired must not leave a shorter list behind. */
    @Test
    void aListOfWhichAPageIsMissingIsNoList() {
        answer(page("a", "after a"), new Reply(410, "{\"kind\": \"Status\", \"reason\": \"Expired\"}"));
        assertThatExceptionOfType(ApiUnavailableException.class)
                .isThrownBy(() -> api.list(Resource.POD, "team", "", Pod.class))
                .withMessage("cannot list pods: HTTP 410");
    }

    /** A time that is not known is replaced by the time of the next reconcile, and stays so in the timeline. */
    @Test
    void timesAreUnknownOnlyWhenTheServerHasAnswered() {
        answer(404, "{\"kind\": \"Status\", \"reason\": \"NotFound\"}");
        assertThat(api.fieldTimes(POD)).isEqualTo(FieldTimes.UNKNOWN);
        answer(429, "{\"kind\": \"Status\", \"message\": \"too many requests\"}");
        assertThatExceptionOfType(ApiUnavailableException.class).isThrownBy(() -> api.fieldTimes(POD));
    }

    private static Reply page(String name, String next) {
        return new Reply(200, """
                {"kind": "PodList", "apiVersion": "v1", "metadata": {"continue": "%s"},
                 "items": [{"metadata": {"name": "%s"}}]}""".formatted(next, name));
    }

    private void answer(int code, String body) {
        answer(new Reply(code, body));
    }

    /** The last one is answered from then on. */
    private void answer(Reply... inThisOrder) {
        replies.clear();
        replies.addAll(List.of(inThisOrder));
    }
}
