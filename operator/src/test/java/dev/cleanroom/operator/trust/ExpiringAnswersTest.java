package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleanroom.operator.trust.ExpiringAnswers.Answer;
import dev.cleanroom.operator.trust.registry.FakeClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ExpiringAnswersTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final FakeClock clock = new FakeClock();
    /** What was handed to the executor, which runs it when the test says. */
    private final Deque<Runnable> waiting = new ArrayDeque<>();

    private final AtomicInteger asked = new AtomicInteger();

    private Answer<Integer> question() {
        return new Answer<>(asked.incrementAndGet(), MINUTE);
    }

    private ExpiringAnswers<String, Integer> answers(int most) {
        return new ExpiringAnswers<>(most, clock, waiting::add);
    }

    private void runAll() {
        while (!waiting.isEmpty()) {
            waiting.remove().run();
        }
    }

    @Test
    void whoAsksWhileItIsAskedWaitsForTheSame() {
        ExpiringAnswers<String, Integer> answers = answers(10);
        CompletableFuture<Integer> first = answers.get("a", this::question);
        CompletableFuture<Integer> second = answers.get("a", this::question);
        CompletableFuture<Integer> other = answers.get("b", this::question);
        assertThat(first).isNotDone().isSameAs(second);
        assertThat(waiting).hasSize(2);
        clock.advance(Duration.ofDays(1));
        assertThat(answers.get("a", this::question)).as("however long it takes").isSameAs(first);
        runAll();
        assertThat(first).isCompletedWithValue(1);
        assertThat(other).isCompletedWithValue(2);
    }

    @Test
    void anAnswerIsKeptUntilItExpiresAndNoLonger() {
        ExpiringAnswers<String, Integer> answers = answers(10);
        assertThat(answers.get("a", this::question)).isNotNull();
        clock.advance(MINUTE);
        runAll();
        clock.advance(MINUTE.minusMillis(1));
        assertThat(answers.get("a", this::question))
                .as("valid from when it was given")
                .isCompletedWithValue(1);
        clock.advance(Duration.ofMillis(1));
        CompletableFuture<Integer> again = answers.get("a", this::question);
        assertThat(again).as("an expired answer is none").isNotDone();
        runAll();
        assertThat(again).isCompletedWithValue(2);
    }

    @Test
    void aFailureIsToldToAllWhoWaitAndNotKept() {
        ExpiringAnswers<String, Integer> answers = answers(10);
        Supplier<Answer<Integer>> fails = () -> {
            throw new IllegalStateException("no");
        };
        CompletableFuture<Integer> first = answers.get("a", fails);
        CompletableFuture<Integer> second = answers.get("a", this::question);
        runAll();
        assertThatThrownBy(first::join).isInstanceOf(CompletionException.class).hasRootCauseMessage("no");
        assertThat(second).isCompletedExceptionally();
        CompletableFuture<Integer> next = answers.get("a", this::question);
        runAll();
        assertThat(next).isCompletedWithValue(1);
    }

    @Test
    void anErrorLeavesNobodyWaiting() {
        ExpiringAnswers<String, Integer> answers = answers(10);
        CompletableFuture<Integer> first = answers.get("a", () -> {
            throw new StackOverflowError();
        });
        runAll();
        assertThat(first).isCompletedExceptionally();
    }

    @Test
    void anExecutorThatRefusesLeavesNobodyWaiting() {
        var answers = new ExpiringAnswers<String, Integer>(10, clock, task -> {
            throw new RejectedExecutionException("shut down");
        });
        assertThat(answers.get("a", this::question)).isCompletedExceptionally();
        assertThat(answers.get("a", this::question))
                .as("asked again, and not waited for for ever")
                .isCompletedExceptionally();
    }

    @Test
    void anAnswerThatHasExpiredWhenItComesIsAskedForAgain() {
        ExpiringAnswers<String, Integer> answers = answers(10);
        CompletableFuture<Integer> late =
                answers.get("a", () -> new Answer<>(asked.incrementAndGet(), Duration.ofSeconds(-1)));
        runAll();
        assertThat(late).isCompletedWithValue(1);
        assertThat(answers.get("a", this::question)).isNotSameAs(late).isNotDone();
    }

    @Test
    void noMoreAreKeptThanTheLimit() {
        ExpiringAnswers<Integer, Integer> answers = new ExpiringAnswers<>(3, clock, Runnable::run);
        for (int i = 0; i < 100; i++) {
            assertThat(answers.get(i, this::question)).isNotNull();
        }
        int before = asked.get();
        for (int i = 0; i < 100; i++) {
            assertThat(answers.get(i, this::question)).isNotNull();
        }
        assertThat(asked.get() - before)
                .as("all but at most three are asked for again")
                .isGreaterThanOrEqualTo(97);
    }

    @Test
    void whatHasExpiredGoesFirst() {
        ExpiringAnswers<String, Integer> answers = answers(2);
        assertThat(answers.get("old", () -> new Answer<>(0, Duration.ofSeconds(1))))
                .isNotNull();
        assertThat(answers.get("a", this::question)).isNotNull();
        runAll();
        clock.advance(Duration.ofSeconds(1));
        assertThat(answers.get("b", this::question)).isNotNull();
        runAll();
        int before = asked.get();
        assertThat(answers.get("a", this::question)).isDone();
        assertThat(answers.get("b", this::question)).isDone();
        assertThat(asked).hasValue(before);
    }

    /** Else two would ask at once, and one who waits would not hear what the other does. */
    @Test
    void whatIsBeingAskedForIsNeverThrownOut() {
        ExpiringAnswers<String, Integer> answers = answers(1);
        CompletableFuture<Integer> first = answers.get("a", this::question);
        assertThat(answers.get("b", this::question)).isNotNull();
        assertThat(answers.get("c", this::question)).isNotNull();
        assertThat(answers.get("a", this::question)).isSameAs(first);
        assertThat(waiting).hasSize(3);
    }
}
