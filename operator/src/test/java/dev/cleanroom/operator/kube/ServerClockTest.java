package dev.cleanroom.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operator judges times of the API server by the clock of the API server. */
class ServerClockTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final ServerClock clock = new ServerClock(Clock.fixed(NOW, ZoneOffset.UTC));

    @ParameterizedTest
    @ValueSource(
            strings = {"Sun, 2 Nov 2025 00:00:00 GMT", "Wed, 31 Dec 2025 23:59:49 GMT", "Sun, 1 Mar 2026 00:00:00 GMT"})
    void aMachineWhoseClockIsWrongUsesTheServers(String date) {
        clock.learn(date);
        assertThat(clock.instant()).isEqualTo(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
        clock.learn("Thu, 1 Jan 2026 00:00:00 GMT");
        assertThat(clock.instant()).as("corrected").isEqualTo(NOW);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Wed, 31 Dec 2025 23:59:50 GMT",
                "Thu, 1 Jan 2026 00:00:10 GMT",
                "soon",
                "",
                "Thu, 32 Jan 2026 00:00:00 GMT"
            })
    void aSlowConnectionOrAnUnreadableHeaderChangesNothing(String date) {
        clock.learn(date);
        assertThat(clock.instant()).isEqualTo(NOW);
        clock.learn(null);
        assertThat(clock.instant()).isEqualTo(NOW);
    }

    @Test
    void eachAnswerToAClientTeachesIt() throws IOException {
        var ahead = new ServerClock(Clock.offset(Clock.systemUTC(), Duration.ofDays(60)));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
        var nowhere = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .build();
        try (KubernetesClient client = Clients.forWriting(nowhere, ahead)) {
            new RestApi(client).get(new ObjectKey(Resource.POD, "team", "payments-0-1"));
        } finally {
            server.stop(0);
        }
        assertThat(ahead.instant()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
    }
}
