package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.PodLog;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.ObserverEnd;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RunLogsTest {
    private static final TestLog LOG = TestLog.of("{\"name\":\"cdn.example.com\",\"count\":1}");
    private static final ObserverEnd REPORTED =
            new ObserverEnd(Optional.of(LOG.digest()), Optional.of(LOG.beforeEnd()), false);

    private static final ReadSource NO_RECORDS = (record, most, patience) -> {
        throw new AssertionError("no record is known");
    };

    private final Queue<PodLog> answers = new ArrayDeque<>();
    private final List<ObjectKey> asked = new ArrayList<>();
    private final List<Integer> limits = new ArrayList<>();
    private final List<Runnable> readers = new ArrayList<>();
    private final List<RunObservation> reported = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger woken = new AtomicInteger();

    private final RunLogs logs = new RunLogs(
            new RunLogs.Sources(
                    (pod, most, patience) -> {
                        asked.add(pod);
                        limits.add(most);
                        return answers.size() > 1 ? answers.remove() : answers.element();
                    },
                    NO_RECORDS),
            "cleanroom-system",
            readers::add,
            new RunLogs.Timing(nanos::get, pause -> {
                pauses.add(pause);
                nanos.addAndGet(pause.toNanos());
            }),
            reported::add);

    @Test
    void theFirstQuestionStartsAReaderAndItsAnswerWakes() {
        answers.add(new PodLog.Read(LOG.bytes()));
        assertThat(ask("uid-1", REPORTED)).isEmpty();
        assertThat(ask("uid-1", REPORTED)).as("asked again meanwhile").isEmpty();
        assertThat(readers).hasSize(1);
        assertThat(woken).hasValue(0);

        readers.getFirst().run();
        assertThat(woken).hasValue(1);
        assertThat(ask("uid-1", REPORTED)).hasValueSatisfying(run -> {
            assertThat(run.observation().outcome()).isEqualTo(Outcome.Complete);
            assertThat(run.network().orElseThrow().denied()).isEqualTo(1);
        });
        assertThat(asked).containsExactly(new ObjectKey(Resource.POD, "team", "payments-0-1"));
        assertThat(reported).hasSize(1);
    }

    @Test
    void aPodWithoutAReportIsNotAskedFor() {
        assertReason(answer(Optional.empty()), ObservationReasons.NO_OBSERVER);
        assertReason(
                answer(Optional.of(new ObserverEnd(Optional.empty(), Optional.empty(), false))),
                ObservationReasons.NO_REPORT);
        assertReason(
                answer(Optional.of(new ObserverEnd(Optional.of(LOG.digest()), Optional.empty(), true))),
                ObservationReasons.NO_REPORT);
        assertThat(readers).isEmpty();
    }

    @Test
    void whereLogsMayNotBeReadTheMessageHasTheCommand() {
        answers.add(new PodLog.Refused(403, "pods is forbidden"));
        RunObservation run = read("uid-1");
        assertReason(run, ObservationReasons.NOT_PERMITTED);
        assertThat(run.observation().message())
                .endsWith("kubectl create rolebinding cleanroom-runs -n team --clusterrole=cleanroom-runs"
                        + " --serviceaccount=cleanroom-system:cleanroom-operator");
    }

    @Test
    void aRefusalIsNotTriedAgain() {
        answers.add(new PodLog.Refused(404, "pods \"payments-0-1\" not\nfound"));
        RunObservation run = read("uid-1");
        assertReason(run, ObservationReasons.LOG_UNAVAILABLE);
        assertThat(run.observation().message()).endsWith("pods \"payments-0-1\" not found");
        assertThat(asked).hasSize(1);
    }

    @Test
    void aNodeThatDoesNotAnswerIsTriedAgainAndThenGivenUp() {
        answers.add(new PodLog.Unavailable("dial tcp: i/o timeout"));
        RunObservation run = read("uid-1");
        assertReason(run, ObservationReasons.LOG_UNAVAILABLE);
        assertThat(run.observation().message()).contains("i/o timeout");
        assertThat(pauses).first().isEqualTo(PatientReading.FIRST_PAUSE);
        assertThat(pauses).hasSizeGreaterThan(2);
        assertThat(nanos.get()).isLessThanOrEqualTo(RunLogs.PATIENCE.toNanos());
    }

    @Test
    void anAnswerThatComesLateIsRead() {
        answers.add(new PodLog.Unavailable("the node restarts"));
        answers.add(new PodLog.Read(LOG.bytes()));
        assertThat(read("uid-1").observation().outcome()).isEqualTo(Outcome.Complete);
    }

    /** An environment waits for the answer before it counts the run. */
    @Test
    void anErrorOfTheReaderIsAnAnswer() {
        RunObservation run = read("uid-1");
        assertReason(run, ObservationReasons.LOG_UNAVAILABLE);
        assertThat(woken).hasValue(1);
    }

    @Test
    void oldAnswersAreForgottenAndReadAgain() {
        answers.add(new PodLog.Read(LOG.bytes()));
        for (int n = 0; n <= RunLogs.MOST_KEPT; n++) {
            read("uid-" + n);
        }
        assertThat(ask("uid-1", REPORTED)).isPresent();
        assertThat(ask("uid-0", REPORTED)).as("the oldest").isEmpty();
    }

    @Test
    void onlyAFewAreReadAtATime() throws InterruptedException {
        assertThat(mostAtOnce(RunLogs.AT_ONCE, REPORTED)).isEqualTo(RunLogs.AT_ONCE);
    }

    /** Builds decide how long their logs are, and the operator has little memory. */
    @Test
    void longLogsAreReadOneAtATime() throws InterruptedException {
        for (Optional<Integer> bytes :
                List.of(Optional.of(ObserverLog.LONGEST), Optional.of(Integer.MAX_VALUE), Optional.<Integer>empty())) {
            assertThat(mostAtOnce(1, new ObserverEnd(Optional.of(LOG.digest()), bytes, false)))
                    .as("%s", bytes)
                    .isEqualTo(1);
        }
    }

    @Test
    void noMoreIsReadThanTheObserverWrote() {
        answers.add(new PodLog.Read(LOG.bytes()));
        read("uid-1");
        assertThat(limits).containsExactly(LOG.beforeEnd() + RunLogs.END_LINE);
    }

    @Test
    void ofLongListsFewerAnswersAreKept() {
        SampleRuns large = SampleRuns.of(5_000);
        answers.add(new PodLog.Read(large.bytes()));
        var reported = new ObserverEnd(Optional.of(large.digest()), Optional.empty(), false);
        for (int n = 0; n < 30; n++) {
            ask("uid-" + n, reported);
            readers.removeLast().run();
        }
        assertThat(ask("uid-29", reported)).isPresent();
        assertThat(ask("uid-0", reported)).isEmpty();
        int characters = 0;
        for (int n = 1; n < 30; n++) {
            characters += ask("uid-" + n, reported)
                    .flatMap(RunObservation::inputs)
                    .flatMap(RunInputs::lists)
                    .map(lists -> lists.content().length())
                    .orElse(0);
        }
        assertThat(characters).isBetween(RunLogs.MOST_KEPT_CHARACTERS / 2, RunLogs.MOST_KEPT_CHARACTERS);
    }

    /** How many of three times as many logs are read at once. */
    private static int mostAtOnce(int expected, ObserverEnd reported) throws InterruptedException {
        var atOnce = new AtomicInteger();
        var most = new AtomicInteger();
        var full = new CountDownLatch(expected);
        var release = new CountDownLatch(1);
        int runs = 3 * expected;
        var done = new CountDownLatch(runs);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Executor executor = threads;
            var crowded = new RunLogs(
                    new RunLogs.Sources(
                            (pod, bytes, patience) -> {
                                most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                                full.countDown();
                                await(release);
                                atOnce.decrementAndGet();
                                return new PodLog.Read(LOG.bytes());
                            },
                            NO_RECORDS),
                    "cleanroom-system",
                    executor,
                    new RunLogs.Timing(System::nanoTime, Thread::sleep),
                    run -> {});
            for (int n = 0; n < runs; n++) {
                crowded.of(run("uid-" + n, Optional.of(reported)), done::countDown);
            }
            full.await();
            release.countDown();
            done.await();
        }
        return most.get();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private RunObservation read(String uid) {
        ask(uid, REPORTED);
        readers.removeLast().run();
        return ask(uid, REPORTED).orElseThrow();
    }

    private RunObservation answer(Optional<ObserverEnd> observer) {
        return logs.of(run("uid-1", observer), woken::incrementAndGet).orElseThrow();
    }

    private Optional<RunObservation> ask(String uid, ObserverEnd observer) {
        return logs.of(run(uid, Optional.of(observer)), woken::incrementAndGet);
    }

    private static RunLogs.Run run(String uid, Optional<ObserverEnd> observer) {
        return new RunLogs.Run(
                new ObjectKey(Resource.POD, "team", "payments-0-1"),
                uid,
                observer,
                Optional.empty(),
                false,
                Optional.empty());
    }

    private static void assertReason(RunObservation run, String reason) {
        assertThat(run.observation().outcome()).isEqualTo(Outcome.Unobserved);
        assertThat(run.observation().reason()).isEqualTo(reason);
        assertThat(run.network()).isEmpty();
    }
}
