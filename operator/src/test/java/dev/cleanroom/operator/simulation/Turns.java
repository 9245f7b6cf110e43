package dev.cleanroom.operator.simulation;

import java.util.concurrent.locks.LockSupport;

/**
 * A thread that runs only when it is its turn, and hands the turn back before each request it makes: whatever else
 * happens in the schedule happens there. One of all threads runs at a time, so a seed decides everything.
 */
final class Turns {
    /** What becomes of the request a task stands before. */
    enum Signal {
        PROCEED,
        /** The request is carried out, its answer never comes. */
        LOSE_ANSWER,
        /** The request does not reach the server. */
        UNAVAILABLE,
        /** The process ends here. */
        CRASH
    }

    /** Not caught by anything in the product. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("crash", null, false, false);
        }
    }

    private final Thread scheduler = Thread.currentThread();
    private final Thread thread;
    private volatile boolean mine;
    private volatile boolean ended;
    private Signal signal = Signal.PROCEED;
    private Throwable thrown;

    Turns(Runnable work) {
        thread = Thread.ofVirtual().unstarted(() -> {
            awaitTurn();
            try {
                if (signal != Signal.CRASH) {
                    work.run();
                }
            } catch (Throwable e) {
                thrown = e instanceof Crash ? null : e;
            }
            ended = true;
            handBack();
        });
        thread.start();
    }

    boolean hasEnded() {
        return ended;
    }

    /** Lets it run to its next request, or its end. Called by the scheduler. */
    void resume(Signal next) {
        signal = next;
        mine = true;
        LockSupport.unpark(thread);
        while (mine) {
            LockSupport.park(this);
        }
        if (thrown != null) {
            throw new AssertionError("the operator threw " + thrown, thrown);
        }
    }

    /** Called by the task before each request. */
    Signal yield() {
        handBack();
        awaitTurn();
        if (signal == Signal.CRASH) {
            throw new Crash();
        }
        return signal;
    }

    private void awaitTurn() {
        while (!mine) {
            LockSupport.park(this);
        }
    }

    private void handBack() {
        mine = false;
        LockSupport.unpark(scheduler);
    }
}
