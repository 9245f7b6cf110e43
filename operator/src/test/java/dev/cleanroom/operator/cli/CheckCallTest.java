package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.cleanroom.operator.lab.ClosedPort;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What {@code check} says where there is no cluster to look at: one line for a person, and 2. */
class CheckCallTest {
    private static final String TOKEN = "not-a-real-token";

    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return new CommandLine(new CheckCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private int runWith(String kubeconfig) throws IOException {
        Path file = directory.resolve("kubeconfig");
        Files.writeString(file, kubeconfig);
        return run("--kubeconfig", file.toString());
    }

    private static String kubeconfig(String server) {
        return """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: c, user: c}}]
                users: [{name: c, user: {token: %s}}]
                clusters: [{name: c, cluster: {server: "%s"}}]
                """.formatted(TOKEN, server);
    }

    private void assertOneLine(String told) {
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains(told).hasLineCount(1).doesNotContain(TOKEN, "Exception");
    }

    @Test
    void aServerThatIsNotThereIsToldWithItsAddress() throws IOException {
        try (ClosedPort port = new ClosedPort()) {
            assertThat(runWith(kubeconfig("https://" + port.host()))).isEqualTo(2);
            assertOneLine("the API server at https://" + port.host()
                    + "/ cannot be used: no connection: no server listens there");
        }
    }

    @Test
    void aNameWithoutAnAddressIsToldAsOne() throws IOException {
        assertThat(runWith(kubeconfig("https://cluster.invalid"))).isEqualTo(2);
        assertOneLine("at https://cluster.invalid/ cannot be used: its host name cannot be resolved");
    }

    @Test
    void aServerThatKnowsNobodyOfThatTokenIsNoClusterWithoutRights() throws IOException {
        assertThat(answered(401, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":401}"))
                .isEqualTo(2);
        assertOneLine("/ cannot be used: it did not accept your credentials (HTTP 401); sign in again");
    }

    /** As just after a definition was installed. */
    @Test
    void aServerThatStaysBusyIsToldInItsOwnWords() throws IOException {
        assertThat(answered(
                        429, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":429,\"message\":\"initializing\"}"))
                .isEqualTo(2);
        assertOneLine("/ cannot be used: it cannot answer now (HTTP 429): initializing; try again");
    }

    @Test
    void aServerThatIsBusyForAMomentIsAskedAgain() throws IOException {
        var busy = new AtomicBoolean(true);
        int exitCode = answered(exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "1");
            answer(exchange, busy.getAndSet(false) ? 429 : 401, "{}");
        });
        assertThat(exitCode).isEqualTo(2);
        assertOneLine("/ cannot be used: it did not accept your credentials (HTTP 401); sign in again");
    }

    @Test
    void somethingElseThatAnswersThereIsNoCluster() throws IOException {
        assertThat(answered(200, "<html>hello</html>")).isEqualTo(2);
        assertOneLine("/ cannot be used: the server there does not answer as an API server does");
    }

    private static void answer(HttpExchange exchange, int code, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private int answered(int code, String body) throws IOException {
        return answered(exchange -> answer(exchange, code, body));
    }

    private int answered(HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", handler);
        server.start();
        try {
            return runWith(kubeconfig("http://127.0.0.1:" + server.getAddress().getPort()));
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{: " + TOKEN, "[]", "apiVersion: v1\nusers: " + TOKEN})
    void whatIsNoKubeconfigIsToldAndNotShown(String content) throws IOException {
        assertThat(runWith(content)).isEqualTo(2);
        assertOneLine("the kubeconfig cannot be used");
    }

    @Test
    void aKubeconfigThatIsNotThereIsNamed() {
        String none = directory.resolve("none").toString();
        assertThat(run("--kubeconfig", none)).isEqualTo(2);
        assertOneLine("--kubeconfig: cannot read " + none);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--namespace=Team", "-n=a b", "--operator-namespace=a;b", "-n=", "--namespace=a/b", "more"})
    void aWrongCallEndsWithTwo(String argument) {
        assertThat(run(argument)).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).isNotEmpty().doesNotContain("\tat ");
    }
}
