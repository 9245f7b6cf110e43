package dev.cleanroom.operator.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** When each pod of a namespace was seen to be created, by a watch that both sides of a comparison use. */
final class PodWatch implements AutoCloseable {
    private static final String ADDED = "{\"type\":\"ADDED\"";

    private final Stream<String> events;
    private final List<Long> created = new ArrayList<>();

    private PodWatch(Stream<String> events) {
        this.events = events;
    }

    /** Everything that is created after this returns will be seen. */
    static PodWatch open(Account account, String namespace) {
        String pods = Paths.pods(namespace);
        PodWatch watch = new PodWatch(account.watch(pods, account.version(pods)));
        Thread.ofVirtual().name("pod-watch").start(watch::follow);
        return watch;
    }

    /** Waits for so many pods; returns when the last of them was seen, as {@link System#nanoTime()} tells it. */
    synchronized long await(int count, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (created.size() < count) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new IllegalStateException(created.size() + " of " + count + " pods after " + timeout);
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
        events.close();
    }

    private void follow() {
        try {
            events.filter(line -> line.startsWith(ADDED)).forEach(line -> seen(System.nanoTime()));
        } catch (RuntimeException e) {
            // Closed: what was not seen by now is waited for in vain, and the waiting says so.
            seen();
        }
    }

    private synchronized void seen(long at) {
        created.add(at);
        notifyAll();
    }

    private synchronized void seen() {
        notifyAll();
    }
}
