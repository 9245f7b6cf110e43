package dev.cleanroom.operator.record;

import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.Verdict;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.UntrustedText;
import dev.cleanroom.operator.record.facts.Coordinates;
import dev.cleanroom.operator.record.findings.Judge;
import dev.cleanroom.operator.record.findings.Judgement;
import dev.cleanroom.operator.record.findings.KnownGood;
import dev.cleanroom.operator.record.findings.RunFacts;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Judges an ended run against the known-good one. It blocks.
 *
 * <ol>
 *   <li>At most {@link #AT_ONCE} runs are judged at a time: the lists of a record are large when they are inflated.
 *   <li>A known-good run whose record cannot be read does not make this run a first one: the verdict is Partial, and the
 *       message says why. An API server that does not answer is asked again for {@link #PATIENCE}.
 *   <li>A run that was not observed whole is never Clean or Learning, so that no later run is compared with it.
 * </ol>
 */
final class RunJudging {
    static final int AT_ONCE = 2;
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int LONGEST_MESSAGE = 1_000;

    private final KnownGoodReader reader;
    private final RunLogs.Timing timing;
    private final Semaphore places = new Semaphore(AT_ONCE, true);

    RunJudging(ReadSource source, RunLogs.Timing timing) {
        this.reader = new KnownGoodReader(source, timing);
        this.timing = timing;
    }

    /** Empty for what is not judged: an agent, and a run without inputs. */
    Optional<JudgedRun> judge(RunLogs.Run run, ObserverLog.Report report) throws InterruptedException {
        RunFacts facts = report.facts();
        boolean observed = report.observation().observation().outcome() != Outcome.Unobserved;
        if (run.agent()
                || !observed
                || (facts.reading() == Reading.None && run.knownGood().isEmpty())) {
            return Optional.empty();
        }
        if (facts.reading() == null) {
            return Optional.of(JudgedRun.without(
                    Verdict.Partial, "the observer did not report what went into the build, so that was not judged"));
        }
        long deadline = timing.nanoTime().getAsLong() + PATIENCE.toNanos();
        if (!places.tryAcquire(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
            return Optional.of(notJudged("too many runs were being judged for " + PATIENCE.toSeconds() + " s"));
        }
        try {
            return Optional.of(judged(run, report, deadline));
        } catch (RuntimeException e) {
            return Optional.of(notJudged(e.toString()));
        } finally {
            places.release();
        }
    }

    private JudgedRun judged(RunLogs.Run run, ObserverLog.Report report, long deadline) throws InterruptedException {
        if (run.knownGood().isEmpty()) {
            return judged(report, Optional.empty(), Optional.empty());
        }
        var record = new ObjectKey(
                Resource.BUILD_RECORD, run.pod().namespace(), run.knownGood().get());
        return switch (reader.read(record, deadline)) {
            case KnownGoodReader.Known(KnownGood good) -> judged(report, Optional.of(good), Optional.empty());
            case KnownGoodReader.Unknown(String why) ->
                judged(
                        report,
                        Optional.empty(),
                        Optional.of(
                                "it was not compared with the known-good run, because the record " + record.name() + " "
                                        + why
                                        + ". Run the build again; if this stays so, delete the BuildEnvironment and create it again,"
                                        + " and its first run is the known-good one"));
        };
    }

    /** @param lost why there is no known-good run to compare with, although there was one */
    private JudgedRun judged(ObserverLog.Report report, Optional<KnownGood> good, Optional<String> lost) {
        Judgement judgement = Judge.judge(report.facts(), good);
        boolean whole = report.observation().observation().outcome() == Outcome.Complete && lost.isEmpty();
        Optional<String> why = lost.or(() -> omitted(report.facts()));
        return new JudgedRun(
                whole ? judgement.verdict() : notWhole(judgement.verdict()),
                why.map(text -> UntrustedText.bounded(text, LONGEST_MESSAGE)),
                judgement.findings(),
                judgement.findings().size(),
                good.map(KnownGood::record),
                good.flatMap(known -> newDependencies(report.facts(), known.facts())));
    }

    private static Verdict notWhole(Verdict verdict) {
        return switch (verdict) {
            case Clean, Learning -> Verdict.Partial;
            case Open, Partial, Unobserved -> verdict;
        };
    }

    private static Optional<String> omitted(RunFacts facts) {
        return facts.omitted() == 0
                ? Optional.empty()
                : Optional.of("the record has no room for " + facts.omitted()
                        + " entries of its lists, so no later run is compared with it");
    }

    /** What the record of the known-good run left out may not be new. */
    private static Optional<Integer> newDependencies(RunFacts run, RunFacts good) {
        if (good.omitted() > 0 || good.reading() != Reading.Complete) {
            return Optional.empty();
        }
        Set<Coordinates> known = coordinates(good);
        return Optional.of(Math.toIntExact(
                coordinates(run).stream().filter(each -> !known.contains(each)).count()));
    }

    private static Set<Coordinates> coordinates(RunFacts facts) {
        return facts.dependencies().stream().map(Coordinates::of).collect(Collectors.toSet());
    }

    private static JudgedRun notJudged(String why) {
        return JudgedRun.without(
                Verdict.Partial,
                UntrustedText.bounded("it was not judged: " + why, LONGEST_MESSAGE) + "; run the build again");
    }
}
