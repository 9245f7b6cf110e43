package dev.cleanroom.operator.environment.model;

import dev.cleanroom.operator.pod.BuildPod;
import java.time.Instant;

/**
 * What a decision about an environment reads from a BuildIncident about one of its pods.
 *
 * @param podUid the uid of its subject
 */
public record Incident(String name, String podUid, BuildPod.SlotAttempt slot, Instant opened, boolean closed) {}
