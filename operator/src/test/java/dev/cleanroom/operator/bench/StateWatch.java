package dev.cleanroom.operator.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** When each pod of a namespace was seen to be quarantined. */
final class StateWatch implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("\"metadata\":\\{\"name\":\"([^\"]+)\"");
    private static final String QUARANTINED = "\"cleanroom.dev/state\":\"quarantined\"";

    private final Map<String, Long> seen = new HashMap<>();
    private final Watch watch;

    private StateWatch(Account account, String namespace) {
        this.watch = Watch.open(account, Paths.pods(namespace), this::event);
    }

    static StateWatch open(Account account, String namespace) {
        return new StateWatch(account, namespace);
    }

    /** Waits until the pod is quarantined; returns when that was seen, as {@link System#nanoTime()} tells it. */
    synchronized long await(String pod, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (!seen.containsKey(pod)) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new IllegalStateException(
                            pod + " is not quarantined after " + timeout + watch.interruptions());
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return seen.get(pod);
    }

    @Override
    public void close() {
        watch.close();
    }

    private synchronized void event(String line) {
        Matcher name = NAME.matcher(line);
        if (line.contains(QUARANTINED) && name.find()) {
            seen.putIfAbsent(name.group(1), System.nanoTime());
            notifyAll();
        }
    }
}
