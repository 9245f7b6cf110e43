package dev.cleanroom.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.e2e.Life.Stage;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.lab.RecordedRequest;
import dev.cleanroom.operator.lab.RecordingProxy;
import dev.cleanroom.operator.lab.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One run of a life in a namespace of its own, under an operator of its own that sees no other namespace. */
final class LifeRun {
    /** How long nothing may be written for a stage to count as settled: longer than status holds back progress. */
    private static final Duration QUIET = Duration.ofSeconds(6);

    private static final Duration STAGE_DEADLINE = Duration.ofMinutes(3);

    /** Six lists a time, for several lives at a time: more often would be most of the API server's work. */
    private static final Duration COMPARED_EVERY = Duration.ofMillis(500);

    private final Lab lab;
    private final Life life;
    private final Environments environments;
    private final Predicate<RecordedRequest> writes;
    private final PodHistory pods;

    /** What a run looked like: the state after each stage, the pods made on the way, the operator's writes. */
    record Outcome(List<Map<String, String>> states, List<String> podsMade, List<RecordedRequest> writes) {}

    /** Where the first operator is cut off: at its nth write, before or after the API server hears of it. */
    record Cut(int nth, boolean before) {
        @Override
        public String toString() {
            return (before ? "before" : "after") + " write " + nth;
        }
    }

    LifeRun(Lab lab, Life life) {
        this.lab = lab;
        this.life = life;
        this.environments = lab.environments(lab.namespace());
        this.pods = PodHistory.of(lab, environments.namespace());
        // Events are told apart: losing one loses nothing that a later operator builds on.
        this.writes = Requests.writesButEvents().and(Requests.in(environments.namespace()));
    }

    /**
     * Nothing is cut off; each stage is waited for until its assertion holds and nothing more is written.
     *
     * @param settled is told the number and the state of each stage
     */
    Outcome undisturbed(BiConsumer<Integer, Map<String, String>> settled) {
        RecordingProxy proxy = lab.proxy();
        try (OperatorProcess operator = start(proxy)) {
            List<Map<String, String>> states = new ArrayList<>();
            for (Stage stage : life.stages()) {
                stage.act().accept(environments);
                Environments.within(STAGE_DEADLINE, life + ": " + stage.name())
                        .untilAsserted(() -> stage.settled().accept(environments));
                awaitQuiet(proxy);
                stage.settled().accept(environments);
                Map<String, String> state = state();
                settled.accept(states.size(), state);
                states.add(state);
            }
            assertThat(operator.isAlive()).isTrue();
            return new Outcome(states, pods.made(), proxy.requests(writes));
        }
    }

    /** Cut off once and taken over; each stage must come to the same state. Returns whether the cut was reached. */
    boolean cutOff(Cut cut, Reference reference) {
        RecordingProxy proxy = lab.proxy();
        if (cut.before()) {
            proxy.cutBefore(writes, cut.nth());
        } else {
            proxy.cutAfter(writes, cut.nth());
        }
        try (OperatorProcess first = start(proxy);
                Successor successor = new Successor(proxy, first)) {
            for (int i = 0; i < life.stages().size(); i++) {
                Stage stage = life.stages().get(i);
                stage.act().accept(environments);
                Map<String, String> wanted = reference.state(i);
                Environments.within(STAGE_DEADLINE, life + " cut off " + cut + ": " + stage.name())
                        .pollInterval(COMPARED_EVERY)
                        .untilAsserted(() -> assertThat(state()).isEqualTo(wanted));
            }
            assertThat(pods.made())
                    .as("pods made on the way, cut off %s:%n%s%n", cut, pods.story())
                    .containsExactlyInAnyOrderElementsOf(reference.outcome().podsMade());
            return successor.tookOver();
        }
    }

    private Map<String, String> state() {
        return NamespaceState.of(lab.admin(), environments.namespace());
    }

    private OperatorProcess start(RecordingProxy proxy) {
        return lab.launch(lab.kubeconfig(proxy), "--leader-elect=false", "--namespaces", environments.namespace());
    }

    private void awaitQuiet(RecordingProxy proxy) {
        Environments.within(STAGE_DEADLINE, "no more writes of " + life)
                .during(QUIET)
                .until(quietSince(proxy));
    }

    /** True while no write has come since the last time it was asked. */
    private Callable<Boolean> quietSince(RecordingProxy proxy) {
        int[] before = {-1};
        return () -> {
            int now = proxy.requests(writes).size();
            boolean quiet = now == before[0];
            before[0] = now;
            return quiet;
        };
    }

    /** Kills the first operator for good when the proxy has cut it off, and starts another that nothing disturbs. */
    private final class Successor implements AutoCloseable {
        private final CompletableFuture<OperatorProcess> started;
        private final RecordingProxy proxy;
        private volatile boolean over;

        Successor(RecordingProxy proxy, OperatorProcess first) {
            this.proxy = proxy;
            this.started = CompletableFuture.supplyAsync(
                    () -> replace(first), command -> Thread.ofVirtual().start(command));
        }

        boolean tookOver() {
            return started.isDone() && !started.isCompletedExceptionally() && started.join() != null;
        }

        private @Nullable OperatorProcess replace(OperatorProcess first) {
            try {
                proxy.awaitKilled();
            } catch (InterruptedException e) {
                return null;
            }
            if (over) {
                return null;
            }
            first.kill9();
            return lab.launch(
                    lab.operatorKubeconfig(), "--leader-elect=false", "--namespaces", environments.namespace());
        }

        @Override
        public void close() {
            // Closing the proxy looks like a cut; nobody is to take over then.
            over = true;
            if (proxy.isKilled()) {
                OperatorProcess second = started.join();
                if (second != null) {
                    second.close();
                }
            }
        }
    }
}
