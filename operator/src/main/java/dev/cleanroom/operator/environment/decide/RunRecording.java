package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.Lifetime;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.RunRecords;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.WarningEvent;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.Progress;
import dev.cleanroom.operator.pod.Progress.End;
import dev.cleanroom.operator.record.Denied;
import dev.cleanroom.operator.record.JudgedRun;
import dev.cleanroom.operator.record.RecordOfRun;
import dev.cleanroom.operator.record.RunInputs;
import dev.cleanroom.operator.record.RunObservation;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the record of each run before the run is counted, and deletes the oldest.
 *
 * <ol>
 *   <li>A run is an attempt that the cluster did not end, and that is counted now. A pod that is held as evidence has no
 *       record: its run goes on.
 *   <li>An agent's run has a record only if something was denied to it.
 *   <li>A record that the API server refuses keeps nothing waiting: an Event reports it, and the run is counted.
 *   <li>The newest {@link #NEWEST_KEPT} records of an environment are kept, the newest {@link #KNOWN_GOOD_KEPT} of
 *       known-good runs, and the records that these name because they have the same lists.
 *   <li>Findings of severity High or more are reported in an Event.
 * </ol>
 */
final class RunRecording {
    static final int NEWEST_KEPT = 2;

    /** The one with which the next run is compared, and the one before it. */
    static final int KNOWN_GOOD_KEPT = 2;

    private RunRecording() {}

    /** @param counted the history after the runs that ended now were counted */
    static List<Write> records(Observed observed, History counted, Instant now) {
        List<Write> writes = new ArrayList<>();
        if (!observed.owned().records().wanted()) {
            return writes;
        }
        for (BuildPod pod : observed.owned().pods()) {
            if (isCountedNow(observed, counted, pod) && isRun(observed, pod, now)) {
                RunObservation seen =
                        observed.owned().records().observation(pod).orElseGet(RunObservation::ofEndingPod);
                if (!isAgent(observed) || Denied.count(seen) > 0) {
                    writes.addAll(recorded(observed, pod, seen, now));
                }
            }
        }
        return writes;
    }

    /** The records that these writes create. */
    static List<BuildRecord> created(List<Write> writes) {
        return writes.stream()
                .flatMap(write -> write instanceof Write.Create(var _, BuildRecord record, var _)
                        ? Stream.of(record)
                        : Stream.of())
                .toList();
    }

    /** Deletes the records that are too many, but for those whose deletion was refused in this run. */
    static List<Write> surplus(Observed observed) {
        RunRecords records = observed.owned().records();
        Set<String> kept = Stream.concat(
                        records.newestFirst().stream().limit(NEWEST_KEPT),
                        records.knownGood().stream().limit(KNOWN_GOOD_KEPT))
                .flatMap(record -> Stream.concat(Stream.of(record.name()), record.sameAs().stream()))
                .collect(Collectors.toSet());
        return records.newestFirst().stream()
                .filter(record -> !kept.contains(record.name()))
                .<Write>map(record ->
                        new Write.Delete(key(observed, record.name()), record.precondition(), "NewerRunsRecorded"))
                .filter(deletion -> !hasFailed(observed, deletion))
                .toList();
    }

    private static List<Write> recorded(Observed observed, BuildPod pod, RunObservation seen, Instant now) {
        var ended = new RecordOfRun.Ended(
                pod, exitCode(pod), now.truncatedTo(ChronoUnit.SECONDS), seen, sameAs(observed, seen));
        Optional<JudgedRun> judged = seen.judged();
        Write record = new Write.Create(
                key(observed, RecordOfRun.name(pod)), RecordOfRun.build(observed.environment(), ended), "RunRecorded");
        return Stream.of(
                        refusal(observed, record)
                                .map(refusal -> event(
                                        observed,
                                        now,
                                        new Report(
                                                "RecordRefused",
                                                "The record of pod " + pod.id().name() + " is not stored: " + refusal,
                                                pod.id().precondition().uid())))
                                .or(() -> Optional.of(record)),
                        Denied.summary(seen)
                                .map(summary -> event(
                                        observed,
                                        now,
                                        new Report(
                                                "ConnectionDenied",
                                                "Pod " + pod.id().name() + " " + summary + "; see: kubectl get record "
                                                        + RecordOfRun.name(pod) + " -n " + observed.namespace()
                                                        + " -o yaml",
                                                Denied.first(seen)))),
                        judged.flatMap(JudgedRun::worst)
                                .map(worst -> event(
                                        observed,
                                        now,
                                        new Report(
                                                "FindingsOpen",
                                                "Pod " + pod.id().name() + " has findings: "
                                                        + judged.orElseThrow().summary()
                                                        + "; see: kubectl get record " + RecordOfRun.name(pod) + " -n "
                                                        + observed.namespace() + " -o yaml. The worst is " + worst.key()
                                                        + ": " + worst.detail(),
                                                worst.key()))))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<String> sameAs(Observed observed, RunObservation seen) {
        return seen.inputs()
                .flatMap(RunInputs::lists)
                .flatMap(lists -> observed.owned().records().recordWith(lists.sha256()));
    }

    /** @param cause what makes the Event another one than the last */
    private record Report(String reason, String note, Object cause) {}

    private static Write event(Observed observed, Instant now, Report report) {
        Event event = new WarningEvent(
                        WarningEvent.about(observed.environment()), report.reason(), "Record", report.note())
                .at(now, List.of(observed.uid(), report.reason(), report.cause()));
        return new Write.Create(WarningEvent.key(event), event, report.reason());
    }

    private static boolean isCountedNow(Observed observed, History counted, BuildPod pod) {
        int slot = pod.id().slot();
        int attempt = pod.id().attempt();
        return observed.uid().equals(pod.ownerUid())
                && !pod.held()
                && attempt >= observed.history().attempt(slot)
                && attempt < counted.attempt(slot);
    }

    private static boolean isRun(Observed observed, BuildPod pod, Instant now) {
        return pod.finished()
                ? RunRecords.isEndOfRun(pod)
                : Lifetime.exceeded(observed.environment().getSpec(), pod, now);
    }

    private static boolean isAgent(Observed observed) {
        return observed.environment().getSpec().onExit() == OnExit.Replace;
    }

    private static @Nullable Integer exitCode(BuildPod pod) {
        return !(pod.progress() instanceof Progress.Finished(End end, var _))
                ? null
                : switch (end) {
                    case End.Succeeded _ -> Integer.valueOf(0);
                    case End.BuildFailed failed -> failed.exitCode();
                    case End.Unclear unclear -> unclear.exitCode();
                    case End.DeadlineExceeded _, End.Infrastructure _ -> null;
                };
    }

    private static ObjectKey key(Observed observed, String name) {
        return new ObjectKey(Resource.BUILD_RECORD, observed.namespace(), name);
    }

    private static boolean hasFailed(Observed observed, Write write) {
        return observed.failures().stream()
                .anyMatch(failure -> failure.write().target().equals(write.target()));
    }

    /** Why the API server does not store this record; empty if it was not asked, or another run wrote at the same time. */
    private static Optional<String> refusal(Observed observed, Write record) {
        return observed.failures().stream()
                .filter(failure -> failure.write().target().equals(record.target()))
                .flatMap(failure -> switch (failure) {
                    case Result.Refused refused -> Stream.of(refused.excerpt());
                    case Result.NameTaken _ -> Stream.of("another object has its name");
                    default -> Stream.of();
                })
                .findFirst();
    }
}
