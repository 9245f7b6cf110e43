package dev.cleanroom.operator.bench;

import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The events of a collection, a line of JSON each, in order, until it is closed. */
final class Watch implements AutoCloseable {
    private static final Pattern VERSION = Pattern.compile("\"resourceVersion\":\"(\\d+)\"");

    private static final int MOST_ENDS = 20;

    private final Account account;
    private final String collection;
    private final Consumer<String> event;
    private Stream<String> lines;
    private String version;
    private String interruptions = "";
    private int ends;
    private boolean closed;

    private Watch(Account account, String collection, Consumer<String> event) {
        this.account = account;
        this.collection = collection;
        this.event = event;
        this.version = account.version(collection);
        this.lines = account.watch(collection, version);
    }

    /** Everything that happens after this returns will be told, on a thread of its own. */
    static Watch open(Account account, String collection, Consumer<String> event) {
        Watch watch = new Watch(account, collection, event);
        // Not among the virtual threads that send: they are many, and it shall not wait for its turn.
        Thread.ofPlatform().daemon().name("watch").start(watch::follow);
        return watch;
    }

    /** What a person should know who waits in vain. */
    synchronized String interruptions() {
        return interruptions;
    }

    @Override
    public void close() {
        Stream<String> open;
        synchronized (this) {
            closed = true;
            open = lines;
        }
        open.close();
    }

    /** The API server ends a watch whose reader is slow: it goes on where it stopped. */
    private void follow() {
        while (true) {
            String end = "ended";
            try {
                current().forEach(this::tell);
            } catch (RuntimeException e) {
                end = String.valueOf(e);
            }
            synchronized (this) {
                if (closed || ++ends > MOST_ENDS) {
                    return;
                }
                interruptions += "; the watch: " + end + ", at version " + version;
                lines = account.watch(collection, version);
            }
        }
    }

    private synchronized Stream<String> current() {
        return lines;
    }

    private void tell(String line) {
        Matcher found = VERSION.matcher(line);
        if (found.find()) {
            synchronized (this) {
                version = found.group(1);
            }
        }
        event.accept(line);
    }
}
