package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.PodLog;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.ObserverEnd;
import dev.cleanroom.operator.pod.Progress;
import dev.cleanroom.operator.pod.Progress.End;
import dev.cleanroom.operator.pod.UntrustedText;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What the observers of ended runs saw, read from their logs, and how the runs were judged. No reconcile waits for a log:
 * the first question starts a reader, and the answer wakes the environment that asked.
 *
 * <ol>
 *   <li>At most {@link #AT_ONCE} logs are read at a time, and of these so many that they have {@link #MOST_BYTES} bytes
 *       together, by what their observers say; the others wait. Builds decide how long their logs are, and the operator has
 *       little memory.
 *   <li>A log that was not read {@link #PATIENCE} after the first question is unavailable, and that is an answer, too: a
 *       node that does not answer delays the count of a run by this time at most.
 *   <li>What was read is judged at once ({@link RunJudging}): the facts of a run are too many to be kept.
 *   <li>The latest {@link #MOST_KEPT} answers are kept, with {@link #MOST_KEPT_CHARACTERS} of lists together, because a run
 *       may be counted in a later round. An older one is read again.
 * </ol>
 */
public final class RunLogs {
    /** The ClusterRole of the chart with the right to read logs, bound in each namespace that allows it. */
    public static final String ROLE = "cleanroom-runs";

    static final int AT_ONCE = 32;

    /** One of the longest, and some short ones. Reading a log takes a few times as much memory. */
    static final int MOST_BYTES = ObserverLog.LONGEST + 1024 * 1024;

    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final int MOST_KEPT = 256;
    static final int MOST_KEPT_CHARACTERS = 4 * 1024 * 1024;

    /** More than the last line of a log takes, which the digest does not cover. */
    static final int END_LINE = 1024;

    private static final int FORBIDDEN = 403;
    private static final int LONGEST_CAUSE = 300;

    private final PatientReading log;
    private final RunJudging judging;
    private final String operatorNamespace;
    private final Executor executor;
    private final Timing timing;
    private final Consumer<RunObservation> listener;
    private final Semaphore places = new Semaphore(AT_ONCE);

    /** Fair, so that short logs do not keep a long one waiting. */
    private final Semaphore memory = new Semaphore(MOST_BYTES, true);

    private final Map<String, Optional<RunObservation>> byPodUid = new LinkedHashMap<>();

    /** Where logs and records are read. */
    public record Sources(ReadSource logs, ReadSource records) {}

    /** @param nanoTime a monotonic clock */
    public record Timing(LongSupplier nanoTime, Pause pause) {}

    /** Waits between two tries. */
    public interface Pause {
        void of(Duration duration) throws InterruptedException;
    }

    /**
     * @param executor starts a reader, which blocks
     * @param listener receives each observation that was read, for metrics
     */
    public RunLogs(
            Sources sources,
            String operatorNamespace,
            Executor executor,
            Timing timing,
            Consumer<RunObservation> listener) {
        this.log = new PatientReading(sources.logs(), timing);
        this.judging = new RunJudging(sources.records(), timing);
        this.operatorNamespace = operatorNamespace;
        this.executor = executor;
        this.timing = timing;
        this.listener = listener;
    }

    /**
     * @param uid of the pod, which has ended
     * @param failed the step whose failure ended it; empty if it succeeded, or something else ended it
     * @param agent whether it is an agent's, which is not judged
     * @param knownGood the record of the run with which it is compared; empty if there is none yet
     */
    public record Run(
            ObjectKey pod,
            String uid,
            Optional<ObserverEnd> observer,
            Optional<String> failed,
            boolean agent,
            Optional<String> knownGood) {
        public static Run of(BuildEnvironment environment, BuildPod pod, Optional<String> knownGood) {
            return new Run(
                    new ObjectKey(
                            Resource.POD,
                            environment.getMetadata().getNamespace(),
                            pod.id().name()),
                    pod.id().precondition().uid(),
                    pod.told().observer(),
                    pod.progress() instanceof Progress.Finished(End.BuildFailed failed, var _)
                            ? Optional.of(failed.step())
                            : Optional.empty(),
                    environment.getSpec().onExit() == OnExit.Replace,
                    knownGood);
        }
    }

    /**
     * What was observed of the run; empty while its log is read.
     *
     * @param wake runs when the answer is there, if it is not there yet
     */
    public Optional<RunObservation> of(Run run, Runnable wake) {
        Optional<RunObservation> without = withoutLog(run);
        if (without.isPresent()) {
            return without;
        }
        String digest = run.observer().flatMap(ObserverEnd::digest).orElseThrow();
        synchronized (byPodUid) {
            Optional<RunObservation> known = byPodUid.get(run.uid());
            if (known != null) {
                return known;
            }
            byPodUid.put(run.uid(), Optional.empty());
        }
        long deadline = timing.nanoTime().getAsLong() + PATIENCE.toNanos();
        executor.execute(() -> {
            RunObservation observation = read(run, digest, deadline);
            keep(run.uid(), observation);
            listener.accept(observation);
            wake.run();
        });
        return Optional.empty();
    }

    /** The command that allows the operator to read the logs of pods in a namespace. */
    public static String letRead(String namespace, String operatorNamespace) {
        return "kubectl create rolebinding " + ROLE + " -n " + namespace + " --clusterrole=" + ROLE
                + " --serviceaccount=" + operatorNamespace + ":cleanroom-operator";
    }

    private static Optional<RunObservation> withoutLog(Run run) {
        if (run.observer().isEmpty()) {
            return Optional.of(RunObservation.unobserved(
                    ObservationReasons.NO_OBSERVER,
                    "the pod has no observer: it was created by an older version or while detection.mode was Off, or the"
                            + " class's uid is above the highest with which there is one, 65532"));
        }
        ObserverEnd end = run.observer().get();
        if (end.restarted()) {
            return Optional.of(RunObservation.unobserved(
                    ObservationReasons.NO_REPORT,
                    "the observer ended while the run went on and was started again, so what it had seen is lost"));
        }
        return end.digest().isPresent()
                ? Optional.empty()
                : Optional.of(RunObservation.unobserved(
                        ObservationReasons.NO_REPORT,
                        "the observer left no report: it was killed, or its node did not end it in order"));
    }

    /** Without an answer, the run would never be counted, so an error is an answer, too. */
    private RunObservation read(Run run, String digest, long deadline) {
        try {
            if (!places.tryAcquire(Math.max(0, deadline - timing.nanoTime().getAsLong()), TimeUnit.NANOSECONDS)) {
                return unavailable("too many logs were being read for " + PATIENCE.toSeconds() + " s");
            }
            try {
                return withMemory(run, digest, deadline);
            } finally {
                places.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unavailable("the operator is stopping");
        } catch (RuntimeException e) {
            return unavailable(e.toString());
        }
    }

    private RunObservation withMemory(Run run, String digest, long deadline) throws InterruptedException {
        int written = run.observer().flatMap(ObserverEnd::bytes).orElse(ObserverLog.LONGEST);
        int most = Math.min(written, ObserverLog.LONGEST) + END_LINE;
        if (!memory.tryAcquire(most, Math.max(0, deadline - timing.nanoTime().getAsLong()), TimeUnit.NANOSECONDS)) {
            return unavailable("too many long logs were being read for " + PATIENCE.toSeconds() + " s");
        }
        try {
            return answered(run, digest, log.read(run.pod(), most, deadline));
        } finally {
            memory.release(most);
        }
    }

    private RunObservation answered(Run run, String digest, PodLog answer) throws InterruptedException {
        return switch (answer) {
            case PodLog.Read(byte[] bytes) -> {
                ObserverLog.Report report = ObserverLog.report(bytes, digest, run.failed());
                yield report.observation().judged(judging.judge(run, report));
            }
            case PodLog.Refused refused when refused.code() == FORBIDDEN -> notPermitted(run);
            case PodLog.Refused refused -> unavailable(refused.message());
            case PodLog.Unavailable unavailable -> unavailable(unavailable.message());
        };
    }

    private RunObservation notPermitted(Run run) {
        return RunObservation.unobserved(
                ObservationReasons.NOT_PERMITTED,
                "the operator may not read logs in this namespace. Permit it: "
                        + letRead(Objects.requireNonNull(run.pod().namespace()), operatorNamespace));
    }

    private static RunObservation unavailable(String why) {
        return RunObservation.unobserved(
                ObservationReasons.LOG_UNAVAILABLE,
                "the log of the observer was not returned: " + UntrustedText.bounded(why, LONGEST_CAUSE));
    }

    private void keep(String uid, RunObservation observation) {
        synchronized (byPodUid) {
            byPodUid.remove(uid);
            byPodUid.put(uid, Optional.of(observation));
            int characters = byPodUid.values().stream()
                    .flatMap(Optional::stream)
                    .mapToInt(RunLogs::characters)
                    .sum();
            var oldest = byPodUid.entrySet().iterator();
            while ((byPodUid.size() > MOST_KEPT || characters > MOST_KEPT_CHARACTERS) && oldest.hasNext()) {
                Optional<RunObservation> answer = oldest.next().getValue();
                if (answer.isPresent()) {
                    characters -= characters(answer.get());
                    oldest.remove();
                }
            }
        }
    }

    private static int characters(RunObservation observation) {
        return observation
                .inputs()
                .flatMap(RunInputs::lists)
                .map(lists -> lists.content().length())
                .orElse(0);
    }
}
