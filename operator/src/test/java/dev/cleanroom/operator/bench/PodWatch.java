package dev.cleanroom.operator.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** When each pod of a namespace was seen to be created, by a watch that both sides of a comparison use. */
final class PodWatch implements AutoCloseable {
    private static final String ADDED = "{\"type\":\"ADDED\"";

    private final List<Long> created = new ArrayList<>();
    private final Watch watch;

    private PodWatch(Account account, String namespace) {
        this.watch = Watch.open(account, Paths.pods(namespace), this::event);
    }

    /** Everything that is created after this returns will be seen. */
    static PodWatch open(Account account, String namespace) {
        return new PodWatch(account, namespace);
    }

    /** Waits for so many pods; returns when the last of them was seen, as {@link System#nanoTime()} tells it. */
    synchronized long await(int count, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (created.size() < count) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new IllegalStateException("%d of %d pods after %s%s"
                            .formatted(created.size(), count, timeout, watch.interruptions()));
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return created.get(count - 1);
    }

    @Override
    public void close() {
        watch.close();
    }

    private synchronized void event(String line) {
        if (line.startsWith(ADDED)) {
            created.add(System.nanoTime());
            notifyAll();
        }
    }
}
