package dev.cleanroom.operator.simulation;

import dev.cleanroom.operator.trust.ImageTrust;
import dev.cleanroom.operator.trust.PinnedByDigest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** The API server, simulated time, and the last steps for whoever must read a failure. */
final class World {
    private static final int STEPS_KEPT = Integer.getInteger("cleanroom.simulation.trace", 60);

    private static final Pod CANARY = new PodBuilder()
            .withNewMetadata()
            .withName("canary")
            .endMetadata()
            .withNewStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .endCondition()
            .addNewPodIP("10.0.0.1")
            .endStatus()
            .build();

    private boolean canaryIsReady = true;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Clock clock = new Clock() {
        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };
    private final ApiServer server;
    private final Random random;
    private final Set<String> suspectsAskedAbout = new HashSet<>();
    private final Deque<String> lastSteps = new ArrayDeque<>();
    private long steps;

    World(Admission admission, Random random) {
        this.random = random;
        this.server = new ApiServer(admission, clock);
    }

    ApiServer server() {
        return server;
    }

    /** The suspects of all questions about images so far. */
    Set<String> suspectsAskedAbout() {
        return suspectsAskedAbout;
    }

    /** Verifies at once, and keeps what it was asked about. */
    ImageTrust trust() {
        var pinned = new PinnedByDigest();
        return request -> {
            suspectsAskedAbout.addAll(request.suspects());
            return pinned.decide(request);
        };
    }

    Clock clock() {
        return clock;
    }

    Instant now() {
        return now;
    }

    long nanoTime() {
        return Duration.between(Instant.EPOCH, now).toNanos();
    }

    /** The ready ones, as the operator's informer has them. */
    List<Pod> canaries() {
        return canaryIsReady ? List.of(CANARY) : List.of();
    }

    void canaryIsReady(boolean ready) {
        canaryIsReady = ready;
        trace("CANARY " + (ready ? "is ready" : "goes"));
    }

    boolean isCanaryReady() {
        return canaryIsReady;
    }

    boolean oneInFour() {
        return random.nextInt(4) == 0;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    void trace(String step) {
        steps++;
        lastSteps.add(now.toString().substring(11) + " " + step);
        if (lastSteps.size() > STEPS_KEPT) {
            lastSteps.remove();
        }
    }

    long steps() {
        return steps;
    }

    String lastSteps() {
        return String.join("\n", lastSteps);
    }
}
