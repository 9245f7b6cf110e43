package dev.cleanroom.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that are not an API server's own: a load balancer's page, a crashed handler's text. */
class RestApiTest {
    private static final ObjectKey POD = new ObjectKey(Resource.POD, "team", "payments-0-1");

    private HttpServer server;
    private KubernetesClient client;
    private RestApi api;
    private int code;
    private String body;

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(code, bytes.length);
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
                .withMessageStartingWith("HTTP 200 with a body that no API server sends");
        assertThatExceptionOfType(ApiUnavailableException.class)
                .isThrownBy(() -> api.anyExists(Resource.POD, "team", "a=b"));
    }

    private void answer(int code, String body) {
        this.code = code;
        this.body = body;
    }
}
