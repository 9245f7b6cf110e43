package dev.cleanroom.operator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.sample.Sample;
import dev.cleanroom.operator.sample.Sampled;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Seeded schedules of two operators, a tenant, a node and the collectors against a model of the API server. Each sample has
 * seeds of its own. One seed is replayed with {@code -Dcleanroom.simulation.seed=N}; {@code
 * -Dcleanroom.simulation.schedules=N} runs more of them.
 */
@Sampled
class SimulationTest {
    private static final int SAMPLE = 2_000;
    private static final int ALL = 20_000;
    private static final @Nullable Integer GIVEN = Integer.getInteger("cleanroom.simulation.schedules");
    private static final Long SEED = Long.getLong("cleanroom.simulation.seed");

    @Test
    void theInvariantsHoldAfterEveryStepOfEverySchedule() throws InterruptedException {
        if (SEED != null) {
            Schedule.run(SEED, Fault.NONE);
            return;
        }
        var failures = new ConcurrentLinkedQueue<AssertionError>();
        var steps = new AtomicLong();
        long first = Sample.number() * SAMPLE;
        int schedules = Sample.size("schedules of the simulation", SAMPLE, ALL);
        long end = first + (GIVEN == null ? schedules : GIVEN);
        var next = new AtomicLong(first);
        long started = System.nanoTime();
        int threads = Runtime.getRuntime().availableProcessors();
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < threads; i++) {
                workers.execute(() -> {
                    for (long seed = next.getAndIncrement();
                            seed < end && failures.isEmpty();
                            seed = next.getAndIncrement()) {
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
                "simulation: seeds %d to %d, %d steps in %d s%n",
                first, end - 1, steps.get(), (System.nanoTime() - started) / 1_000_000_000);
        assertThat(List.copyOf(failures)).isEmpty();
    }
}
