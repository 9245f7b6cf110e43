package dev.cleanroom.operator.e2e;

import dev.cleanroom.operator.e2e.LifeRun.Outcome;
import dev.cleanroom.operator.lab.Lab;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;

/** How a life goes when nothing disturbs it. Others are compared with it stage by stage, while it goes on. */
final class Reference {
    private final Life life;
    private final List<CompletableFuture<Map<String, String>>> states;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    private Reference(Life life) {
        this.life = life;
        this.states = life.stages().stream()
                .map(stage -> new CompletableFuture<Map<String, String>>())
                .toList();
    }

    static Reference start(ExecutorService threads, Lab lab, Life life) {
        Reference reference = new Reference(life);
        threads.execute(() -> reference.run(lab));
        return reference;
    }

    private void run(Lab lab) {
        try {
            outcome.complete(new LifeRun(lab, life).undisturbed(this::settled));
        } catch (RuntimeException | Error e) {
            var failed = new AssertionError("the life of " + life + ", which nothing disturbs", e);
            states.forEach(state -> state.completeExceptionally(failed));
            outcome.completeExceptionally(failed);
        }
    }

    private void settled(int stage, Map<String, String> state) {
        states.get(stage).complete(state);
    }

    Life life() {
        return life;
    }

    /** Waits until the stage has settled. */
    Map<String, String> state(int stage) {
        return states.get(stage).join();
    }

    /** Waits until the life is over. */
    Outcome outcome() {
        return outcome.join();
    }
}
