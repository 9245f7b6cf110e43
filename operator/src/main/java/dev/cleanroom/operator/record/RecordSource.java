package dev.cleanroom.operator.record;

import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.PodLog;
import java.time.Duration;

/** Reads a BuildRecord as the API server has it. It blocks. */
public interface RecordSource {
    PodLog read(ObjectKey record, int mostBytes, Duration patience);
}
