package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time by the clock of the API server, which also wrote when a pod was created, bound to a node and deleted. It is
 * this machine's clock, less the difference that the last answer's {@code Date} header shows, if the difference is more
 * than a header's precision and a slow connection explain.
 */
public final class ServerClock implements InstantSource, Interceptor {
    static final Duration TOLERANCE = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(ServerClock.class);

    private final InstantSource machine;
    private volatile Duration ahead = Duration.ZERO;

    public ServerClock(InstantSource machine) {
        this.machine = machine;
    }

    @Override
    public Instant instant() {
        return machine.instant().minus(ahead);
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        learn(response.header("Date"));
    }

    void learn(@Nullable String date) {
        if (date == null) {
            return;
        }
        Instant server;
        try {
            server = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
        } catch (DateTimeException e) {
            return;
        }
        Duration difference = Duration.between(server, machine.instant());
        boolean wrong = difference.abs().compareTo(TOLERANCE) > 0;
        if (wrong && ahead.isZero()) {
            log.warn(
                    "The clock of this machine is {} s {} that of the API server, which is used instead. Correct the clock"
                            + " of the node, for example with NTP",
                    difference.abs().toSeconds(),
                    difference.isNegative() ? "behind" : "ahead of");
        } else if (!wrong && !ahead.isZero()) {
            log.info("The clock of this machine agrees with that of the API server again");
        }
        ahead = wrong ? difference : Duration.ZERO;
    }
}
