package dev.cleanroom.operator.kube.plan;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.ObjectKey;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends one GET for all threads that ask for the same object while another GET of it is in flight. Every thread gets
 * the answer of a GET that was sent after it asked: an answer that was already in flight may show an object that was
 * deleted in the meantime.
 */
final class SharedGet {
    private final Function<ObjectKey, Answer> get;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ObjectKey, Line> lines = new HashMap<>();

    /** How many threads ask for one object, and how many GETs were sent and answered for them. */
    private static final class Line {
        private final Condition moved;
        private int asking;
        private long sent;
        private long answered;
        private @Nullable Answer latest;

        Line(Condition moved) {
            this.moved = moved;
        }
    }

    SharedGet(Function<ObjectKey, Answer> get) {
        this.get = get;
    }

    Answer of(ObjectKey key) {
        lock.lock();
        try {
            Line line = lines.computeIfAbsent(key, k -> new Line(lock.newCondition()));
            line.asking++;
            try {
                return next(key, line);
            } finally {
                line.asking--;
                if (line.asking == 0) {
                    lines.remove(key);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private Answer next(ObjectKey key, Line line) {
        long mine = line.sent + 1;
        while (true) {
            if (line.answered >= mine && line.latest != null) {
                return line.latest;
            }
            if (line.sent == line.answered) {
                send(key, line);
            } else {
                line.moved.awaitUninterruptibly();
            }
        }
    }

    /** A GET that fails answers no thread: every other thread sends its own, or waits for one. */
    private void send(ObjectKey key, Line line) {
        long number = ++line.sent;
        Answer answer = null;
        lock.unlock();
        try {
            answer = get.apply(key);
        } finally {
            lock.lock();
            line.answered = number;
            line.latest = answer;
            line.moved.signalAll();
        }
    }
}
