package dev.cleanroom.operator.record;

import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.PodLog;
import java.time.Duration;

/** Reads the log of a pod's observer. It blocks. */
public interface LogSource {
    PodLog read(ObjectKey pod, int mostBytes, Duration patience);
}
