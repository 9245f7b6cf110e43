package dev.cleanroom.operator.record;

import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.PodLog;
import java.time.Duration;

/** Asks again, after longer and longer pauses, as long as the API server or the node does not answer. It blocks. */
final class PatientReading {
    static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    private final ReadSource source;
    private final RunLogs.Timing timing;

    PatientReading(ReadSource source, RunLogs.Timing timing) {
        this.source = source;
        this.timing = timing;
    }

    /** The last answer before the deadline, which is of the monotonic clock. */
    PodLog read(ObjectKey object, int mostBytes, long deadline) throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            PodLog answer = source.read(object, mostBytes, Duration.ofNanos(Math.max(1, left(deadline))));
            if (!(answer instanceof PodLog.Unavailable) || left(deadline) <= pause.toNanos()) {
                return answer;
            }
            timing.pause().of(pause);
            pause = pause.multipliedBy(2);
        }
    }

    private long left(long deadline) {
        return deadline - timing.nanoTime().getAsLong();
    }
}
