package dev.cleanroom.operator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Seeded schedules of two operators, a tenant, a node and the collectors against a model of the API server. One seed is
 * replayed with {@code -Dcleanroom.simulation.seed=N}; more are run with {@code -Dcleanroom.simulation.schedules=N}.
 */
class SimulationTest {
    private static final long SCHEDULES = Long.getLong("cleanroom.simulation.schedules", 10_000);
    private static final Long SEED = Long.getLong("cleanroom.simulation.seed");

    @Test
    void theInvariantsHoldAfterEveryStepOfEverySchedule() throws InterruptedException {
        if (SEED != null) {
            Schedule.run(SEED, Fault.NONE);
            return;
        }
        var failures = new ConcurrentLinkedQueue<AssertionError>();
        var steps = new AtomicLong();
        var next = new AtomicLong();
        long started = System.nanoTime();
        int threads = Runtime.getRuntime().availableProcessors();
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < threads; i++) {
                workers.execute(() -> {
                    for (long seed = next.incrementAndGet();
                            seed <= SCHEDULES && failures.isEmpty();
                            seed = next.incrementAndGet()) {
                        try {
                            steps.addAndGet(Schedule.run(seed, Fault.NONE));
                        } catch (AssertionError e) {
                            failures.add(e);
                        }
                    }
                });
            }
        }
        System.out.printf(
                "simulation: %d schedules, %d steps in %d s%n",
                SCHEDULES, steps.get(), (System.nanoTime() - started) / 1_000_000_000);
        assertThat(List.copyOf(failures)).isEmpty();
    }
}
