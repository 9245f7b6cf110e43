package dev.cleanroom.operator.trust;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A cache of answers that take requests to a registry. A question is asked once, even when many ask it at the same
 * moment, and its answer is kept until it expires. An expired answer is never returned.
 */
final class ExpiringAnswers<K, V> {
    private final int most;
    private final Clock clock;
    private final Executor executor;
    private final Map<K, Entry<V>> entries = new ConcurrentHashMap<>();

    /** @param validFor how long the answer is valid, from the moment at which it is given */
    record Answer<V>(V value, Duration validFor) {}

    private static final class Entry<V> {
        final CompletableFuture<V> future = new CompletableFuture<>();
        /** Null until the answer is known. */
        volatile @Nullable Instant expires;

        boolean isExpired(Instant now) {
            Instant end = expires;
            return end != null && !now.isBefore(end);
        }
    }

    /** @param most how many answers are kept */
    ExpiringAnswers(int most, Clock clock, Executor executor) {
        this.most = most;
        this.clock = clock;
        this.executor = executor;
    }

    /** @param question run on the executor, and only when there is no answer; must not throw */
    CompletableFuture<V> get(K key, Supplier<Answer<V>> question) {
        Instant now = clock.instant();
        Entry<V> known = entries.get(key);
        if (known != null && !known.isExpired(now)) {
            return known.future;
        }
        Entry<V> fresh = new Entry<>();
        Entry<V> entry =
                entries.compute(key, (same, current) -> current == null || current.isExpired(now) ? fresh : current);
        if (entry == fresh) {
            makeRoom(now);
            begin(key, fresh, question);
        }
        return entry.future;
    }

    private void begin(K key, Entry<V> entry, Supplier<Answer<V>> question) {
        try {
            executor.execute(() -> ask(key, entry, question));
        } catch (RuntimeException | Error e) {
            failed(key, entry, e);
        }
    }

    private void ask(K key, Entry<V> entry, Supplier<Answer<V>> question) {
        try {
            Answer<V> answer = question.get();
            entry.expires = clock.instant().plus(answer.validFor());
            entry.future.complete(answer.value());
        } catch (RuntimeException | Error e) {
            failed(key, entry, e);
        }
    }

    /** Completes the future with the exception, so that nobody waits forever. The next caller asks again. */
    private void failed(K key, Entry<V> entry, Throwable thrown) {
        entries.remove(key, entry);
        entry.future.completeExceptionally(thrown);
    }

    /** Removes expired answers first, and then others, which are asked for again when needed. */
    private void makeRoom(Instant now) {
        if (entries.size() <= most) {
            return;
        }
        entries.values().removeIf(entry -> entry.isExpired(now));
        var keys = entries.entrySet().iterator();
        while (entries.size() > most && keys.hasNext()) {
            if (keys.next().getValue().expires != null) {
                keys.remove();
            }
        }
    }
}
