package dev.cleanroom.operator.environment.model;

import dev.cleanroom.operator.kube.plan.Write.Precondition;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.Progress;
import dev.cleanroom.operator.pod.Progress.End;
import dev.cleanroom.operator.record.RecordOfRun;
import dev.cleanroom.operator.record.RunObservation;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The records of an environment's runs.
 *
 * @param wanted whether its runs are recorded
 * @param observations what was observed of ended runs that are not counted, by the uid of the pod; a pod is missing while
 *     its observer's log is read
 * @param stored the records that are stored
 */
public record RunRecords(boolean wanted, Map<String, RunObservation> observations, List<Stored> stored) {
    public static final RunRecords NONE = new RunRecords(false, Map.of(), List.of());

    public RunRecords {
        observations = Map.copyOf(observations);
        stored = List.copyOf(stored);
    }

    /**
     * A stored record.
     *
     * @param lists the digest of the lists that it has; empty if it has none, or names another record that has them
     * @param sameAs the record that has its lists
     * @param knownGood whether later runs are compared with it
     */
    public record Stored(
            String name,
            Precondition precondition,
            Instant created,
            Optional<String> lists,
            Optional<String> sameAs,
            boolean knownGood) {}

    public List<Stored> newestFirst() {
        return stored.stream()
                .sorted(Comparator.comparing(Stored::created)
                        .thenComparing(Stored::name)
                        .reversed())
                .toList();
    }

    /** The records of known-good runs, the newest first. The next run is compared with the first. */
    public List<Stored> knownGood() {
        return newestFirst().stream().filter(Stored::knownGood).toList();
    }

    /** The record with which the run of a pod is compared: not its own, which may be stored before the run is counted. */
    public Optional<String> knownGood(BuildPod pod) {
        return knownGood().stream()
                .map(Stored::name)
                .filter(name -> !name.equals(RecordOfRun.name(pod)))
                .findFirst();
    }

    /** The record that has the lists with this digest. */
    public Optional<String> recordWith(String lists) {
        return stored.stream()
                .filter(record -> record.lists().equals(Optional.of(lists)))
                .max(Comparator.comparing(Stored::created).thenComparing(Stored::name))
                .map(Stored::name);
    }

    public Optional<RunObservation> observation(BuildPod pod) {
        return Optional.ofNullable(observations.get(pod.id().precondition().uid()));
    }

    /**
     * Whether a pod's end is that of a run that its observer's log reports: a pod that the cluster ended is no run, and
     * the log of a pod that is being deleted may be gone at any moment.
     */
    public static boolean hasReport(BuildPod pod) {
        return isEndOfRun(pod) && !pod.held() && !pod.terminating();
    }

    /** Whether the pod has ended, and it was not the cluster that ended it. */
    public static boolean isEndOfRun(BuildPod pod) {
        return pod.progress() instanceof Progress.Finished(End end, var _) && !(end instanceof End.Infrastructure);
    }

    /** Whether the pod is not counted before it is known what its observer saw. */
    public boolean awaits(BuildPod pod) {
        return wanted && hasReport(pod) && observation(pod).isEmpty();
    }
}
