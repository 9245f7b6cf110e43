package dev.cleanroom.operator.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** Many tasks, a bounded number of them at the same time, each on a virtual thread. */
final class InFlight implements AutoCloseable {
    /** The operator's own default, so both sides of a comparison have it. */
    static final int REQUESTS = 64;

    private final ExecutorService threads =
            Executors.newFixedThreadPool(REQUESTS, Thread.ofVirtual().factory());

    private final List<Future<?>> tasks = new ArrayList<>();

    /** Does a task for each number below {@code count}; returns when all are done, and throws what one threw. */
    static void each(int count, IntConsumer task) {
        try (InFlight all = new InFlight()) {
            for (int i = 0; i < count; i++) {
                int number = i;
                all.start(() -> task.accept(number));
            }
            all.join();
        }
    }

    synchronized void start(Runnable task) {
        tasks.add(threads.submit(task));
    }

    /** Nothing is started any more when this is called. */
    void join() {
        List<Future<?>> started;
        synchronized (this) {
            started = List.copyOf(tasks);
        }
        for (Future<?> task : started) {
            try {
                Object unused = task.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
