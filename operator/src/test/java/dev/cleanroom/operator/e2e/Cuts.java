package dev.cleanroom.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.e2e.LifeRun.Cut;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.RecordedRequest;
import dev.cleanroom.operator.sample.Sample;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.util.Throwables;

/**
 * The operator is killed at its n-th write, for every n of a life or a sample of them: once before the API server hears of
 * the write, once after it has answered and before the operator hears. Another operator takes over. Every stage of the life
 * must come to the same objects as in a life that nothing disturbs, with the same pods made on the way, each of them once.
 */
final class Cuts implements AutoCloseable {
    /** Two JVMs start in each life; most of the rest of it is waiting, for builds to end and for held progress. */
    private static final int LIVES_AT_A_TIME = 12;

    private static final int MOST_LIVES = 4;

    private final ExecutorService threads = Executors.newFixedThreadPool(LIVES_AT_A_TIME);
    private final Lab lab;
    private final int sample;

    private record Cutting(Reference reference, Cut cut, Future<Boolean> reached) {
        /** Only the reference had that many writes: no other of {@link #MOST_LIVES} lives told its steps in as many. */
        boolean mayBeMissing() {
            return cut.nth() > reference.life().leastWrites();
        }

        @Override
        public String toString() {
            List<RecordedRequest> writes = reference.outcome().writes();
            return reference.life() + " cut off " + cut + " (" + writes.get(cut.nth() - 1) + ")";
        }
    }

    /** @param sample how many cuts of a life to take before a write, and how many after one */
    Cuts(Lab lab, int sample) {
        this.lab = lab;
        this.sample = sample;
    }

    Reference reference(Life life) {
        return Reference.start(threads, lab, life);
    }

    void allEndAs(List<Reference> references) throws InterruptedException {
        List<Cutting> cuttings = references.stream().flatMap(this::sampleOfCuts).toList();
        for (Reference reference : references) {
            Life life = reference.life();
            System.out.printf(
                    "%s: %d writes%n", life, reference.outcome().writes().size());
            assertThat(reference.outcome().writes())
                    .as("writes of the life of %s", life)
                    .hasSizeGreaterThanOrEqualTo(life.leastWrites());
        }
        // All of them are told: which writes are unsafe says where the fault is.
        SoftAssertions all = new SoftAssertions();
        for (Cutting cutting : cuttings) {
            try {
                all.assertThat(cutting.reached().get() || cutting.mayBeMissing())
                        .as("%s: the cut was reached", cutting)
                        .isTrue();
            } catch (ExecutionException e) {
                // What is soft is told by its message alone.
                all.fail(cutting + ": " + Throwables.getStackTrace(e.getCause()), e.getCause());
            }
        }
        all.assertAll();
    }

    /** A sample is cut while its reference goes on, so that it takes no longer. */
    private Stream<Cutting> sampleOfCuts(Reference reference) {
        Life life = reference.life();
        int writes = Sample.isAll() ? reference.outcome().writes().size() : life.leastWrites();
        List<Integer> all = IntStream.rangeClosed(1, writes).boxed().toList();
        return Stream.concat(
                        Sample.of("cuts of " + life + " before a write", sample, all).stream()
                                .map(nth -> new Cut(nth, true)),
                        Sample.of("cuts of " + life + " after a write", sample, all).stream()
                                .map(nth -> new Cut(nth, false)))
                .map(cut -> new Cutting(reference, cut, threads.submit(() -> isReached(reference, cut))));
    }

    /**
     * An incident's status may tell two steps in one write, and the life is one write shorter then: the last cut is not
     * reached. It is lived again, and each of these lives must come to the same end.
     */
    private boolean isReached(Reference reference, Cut cut) {
        for (int lives = 0; lives < MOST_LIVES; lives++) {
            if (new LifeRun(lab, reference.life()).cutOff(cut, reference)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        threads.close();
    }
}
