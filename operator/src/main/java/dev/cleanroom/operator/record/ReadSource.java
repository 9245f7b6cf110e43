package dev.cleanroom.operator.record;

import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.PodLog;
import java.time.Duration;

/** Reads what may be long: the log of a pod's observer, or a BuildRecord. It blocks. */
public interface ReadSource {
    PodLog read(ObjectKey object, int mostBytes, Duration patience);
}
