package dev.cleanroom.operator.trust.policy;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Compiles or evaluates an expression on a thread of its own: reconciles share few threads, and a virtual thread that
 * only computes keeps others from running. Its stack is large enough for the deepest expression and predicate that the
 * limits allow.
 */
final class EvaluationThread {
    private static final long STACK_BYTES = 8 << 20;

    private EvaluationThread() {}

    /** The task has not ended, and nobody waits for it any longer. The caller must stop it. */
    static final class TooSlow extends Exception {
        private static final long serialVersionUID = 1L;

        TooSlow() {
            super(null, null, false, false);
        }
    }

    /** The task threw an exception, which is the cause. */
    static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        private final Exception cause;

        Failed(Exception cause) {
            super(null, cause, false, false);
            this.cause = cause;
        }

        @Override
        public synchronized Exception getCause() {
            return cause;
        }
    }

    /**
     * An error of the task is thrown as it is. No text within the limits makes the stack overflow; if one does
     * nevertheless, that is the text's fault, and not the end of the process.
     *
     * @throws TooSlow when the deadline is over, or the calling thread is interrupted
     */
    static <T> T run(Callable<T> task, Duration deadline) throws TooSlow, Failed {
        var future = new FutureTask<>(task);
        Thread.ofPlatform().daemon().name("cel").stackSize(STACK_BYTES).start(future);
        try {
            return future.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new TooSlow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TooSlow();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception exception) {
                throw new Failed(exception);
            }
            if (e.getCause() instanceof StackOverflowError) {
                throw new Failed(new IllegalStateException("it is nested too deeply"));
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e);
        }
    }
}
