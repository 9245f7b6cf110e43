package dev.cleanroom.operator.trust;

import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Who verifies now: so many at once, and of these one namespace never all, in the order in which they came. */
final class Turns {
    /** Verifications at once, of all tenants together: each holds a bundle or two in memory. */
    static final int MOST_AT_ONCE = 8;

    /** Of these, one namespace's: a registry that drags out its answers must not hold up the others. */
    static final int MOST_AT_ONCE_OF_ONE = 3;

    /** Namespaces share their turn with those of the same number; only a share of the whole is what it is for. */
    private static final int NUMBERS = 256;

    private final Semaphore all = new Semaphore(MOST_AT_ONCE, true);
    private final List<Semaphore> byNamespace = Stream.generate(() -> new Semaphore(MOST_AT_ONCE_OF_ONE, true))
            .limit(NUMBERS)
            .toList();

    /** Blocks until it is the namespace's turn; the turn ends with the work, however that ends. */
    <T> T take(String namespace, Supplier<T> work) {
        Semaphore own = byNamespace.get(Math.floorMod(namespace.hashCode(), NUMBERS));
        // First its own: who waits for that holds nothing that another namespace waits for.
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
