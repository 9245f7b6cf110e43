package dev.cleanroom.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.e2e.LifeRun.Cut;
import dev.cleanroom.operator.e2e.LifeRun.Outcome;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.SnapshotApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The operator is killed at its n-th write, for every n of a life: once before the API server hears of the write, once
 * after it has answered and before the operator hears. Another operator takes over. Every stage of the life must come
 * to the same objects as in a life that nothing disturbed, with the same pods made on the way, each of them once.
 */
@LabTest
@Tag("crash")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class CrashAtEveryWriteTest {
    /** Two JVMs start in each life; most of the rest of it is waiting, for builds to end and for held progress. */
    private static final int LIVES_AT_A_TIME = 12;

    private static final int MOST_LIVES = 4;

    private record Cutting(Life life, Outcome reference, Cut cut) {
        String describe() {
            return life + " cut off " + cut + " (" + reference.writes().get(cut.nth() - 1) + ")";
        }
    }

    @Test
    void everyCutEndsAsNone(Lab lab) throws InterruptedException {
        List<Life> lives = List.of(
                Lives.agent(lab.buildClass(Map.of())),
                Lives.task(lab.buildClass(Map.of())),
                Lives.waiting(lab.buildClass(Map.of("lab.cleanroom.dev/never-start", "true"))));
        try (ExecutorService threads = Executors.newFixedThreadPool(LIVES_AT_A_TIME)) {
            cutEverywhere(threads, lab, lives, outcomes(threads, lab, lives));
        }
    }

    /** Without the mutating policy the cut-off itself is a write of the operator's, and can be cut like any other. */
    @Test
    void everyCutOfASuspectsLifeEndsAsNoneAndAsWithTheMutatingPolicy(Lab lab) throws InterruptedException {
        SnapshotApi.install(lab).snapshotClass("keeps", "Retain");
        List<Life> suspect = List.of(Lives.suspect(lab.buildClass(Map.of())));
        try (ExecutorService threads = Executors.newFixedThreadPool(LIVES_AT_A_TIME)) {
            Outcome withPolicy = outcomes(threads, lab, suspect).getFirst();
            lab.withdrawMutatingQuarantine();
            Outcome without = outcomes(threads, lab, suspect).getFirst();
            assertThat(withoutRequester(without)).isEqualTo(withoutRequester(withPolicy));
            assertThat(without.writes()).hasSize(withPolicy.writes().size() + 1);
            cutEverywhere(threads, lab, suspect, List.of(without));
        }
    }

    /** Who asked is told by the API server, and recorded by the policy alone. */
    private static List<Map<String, String>> withoutRequester(Outcome outcome) {
        return outcome.states().stream()
                .map(state -> {
                    Map<String, String> without = new TreeMap<>(state);
                    without.replaceAll((object, json) -> json.replaceAll(" \\(asked by [^)]*\\)", "")
                            .replaceAll("\\s*\"(requestedBy|cleanroom.dev/quarantined-by)\" : \"[^\"]*\",?", "")
                            .replaceAll(",(\\s*})", "$1"));
                    return without;
                })
                .toList();
    }

    private static void cutEverywhere(ExecutorService threads, Lab lab, List<Life> lives, List<Outcome> outcomes)
            throws InterruptedException {
        // All of them are told: which writes are unsafe says where the fault is.
        SoftAssertions all = new SoftAssertions();
        List<Cutting> cuttings = cuttings(lives, outcomes);
        List<Future<Boolean>> ended = threads.invokeAll(cuttings.stream()
                .map(it -> (Callable<Boolean>) () -> isReached(lab, it))
                .toList());
        for (int i = 0; i < ended.size(); i++) {
            Cutting cutting = cuttings.get(i);
            try {
                all.assertThat(ended.get(i).get())
                        .as("%s: the cut was reached", cutting.describe())
                        .isTrue();
            } catch (ExecutionException e) {
                // What is soft is told by its message alone.
                all.fail(cutting.describe() + ": " + Throwables.getStackTrace(e.getCause()), e.getCause());
            }
        }
        all.assertAll();
    }

    /**
     * An incident's status may tell two steps in one write, and the life is one write shorter then: the last cut is not
     * reached. It is lived again, and each of these lives must come to the same end.
     */
    private static boolean isReached(Lab lab, Cutting cutting) {
        for (int lives = 0; lives < MOST_LIVES; lives++) {
            if (new LifeRun(lab, cutting.life()).cutOff(cutting.cut(), cutting.reference())) {
                return true;
            }
        }
        return false;
    }

    /** How each life goes when nothing disturbs it. */
    private static List<Outcome> outcomes(ExecutorService threads, Lab lab, List<Life> lives)
            throws InterruptedException {
        List<Outcome> outcomes = new ArrayList<>();
        for (Future<Outcome> undisturbed : threads.invokeAll(lives.stream()
                .map(life -> (Callable<Outcome>) () -> new LifeRun(lab, life).undisturbed())
                .toList())) {
            try {
                outcomes.add(undisturbed.get());
            } catch (ExecutionException e) {
                throw new AssertionError("a life that nothing disturbs", e.getCause());
            }
        }
        return outcomes;
    }

    private static List<Cutting> cuttings(List<Life> lives, List<Outcome> outcomes) {
        List<Cutting> cuttings = new ArrayList<>();
        for (int i = 0; i < lives.size(); i++) {
            Life life = lives.get(i);
            Outcome reference = outcomes.get(i);
            int writes = reference.writes().size();
            System.out.printf("%s: killed before and after each of %d writes%n", life, writes);
            assertThat(writes)
                    .as("writes of the life of %s", life)
                    .isGreaterThan(life.stages().size());
            for (int nth = 1; nth <= writes; nth++) {
                cuttings.add(new Cutting(life, reference, new Cut(nth, true)));
                cuttings.add(new Cutting(life, reference, new Cut(nth, false)));
            }
        }
        return cuttings;
    }
}
