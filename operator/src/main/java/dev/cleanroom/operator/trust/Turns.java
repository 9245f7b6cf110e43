package dev.cleanroom.operator.trust;

import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Limits how many verifications run at the same time, in total and for one namespace, in the order in which they were
 * requested.
 */
final class Turns {
    /** The most verifications at the same time, for all tenants together. Each has a bundle or two in memory. */
    static final int MOST_AT_ONCE = 8;

    /** The most for one namespace, so that a slow registry does not delay the other namespaces. */
    static final int MOST_AT_ONCE_OF_ONE = 3;

    /**
     * Namespaces with the same hash modulo this number share one limit. That is precise enough: the limit only has to
     * prevent one namespace from taking every turn.
     */
    private static final int NUMBERS = 256;

    private final Semaphore all = new Semaphore(MOST_AT_ONCE, true);
    private final List<Semaphore> byNamespace = Stream.generate(() -> new Semaphore(MOST_AT_ONCE_OF_ONE, true))
            .limit(NUMBERS)
            .toList();

    /** Blocks until it is the namespace's turn. The turn ends when the work ends, also with an exception. */
    <T> T take(String namespace, Supplier<T> work) {
        Semaphore own = byNamespace.get(Math.floorMod(namespace.hashCode(), NUMBERS));
        // The namespace's own limit comes first, so that a caller that waits for it does not block other namespaces.
        own.acquireUninterruptibly();
        try {
            all.acquireUninterruptibly();
            try {
                return work.get();
            } finally {
                all.release();
            }
        } finally {
            own.release();
        }
    }
}
