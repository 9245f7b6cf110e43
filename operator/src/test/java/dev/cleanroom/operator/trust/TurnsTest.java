package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns turns = new Turns();
    private final AtomicInteger atWork = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    private String work(CountDownLatch begun, CountDownLatch end) {
        most.accumulateAndGet(atWork.incrementAndGet(), Math::max);
        begun.countDown();
        try {
            assertThat(end.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        atWork.decrementAndGet();
        return "done";
    }

    /** However many of one namespace wait, another's turn comes while they are at work. */
    @Test
    void oneNamespaceNeverHasAllTurns() throws Exception {
        var begun = new CountDownLatch(Turns.MOST_AT_ONCE_OF_ONE);
        var end = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> slow = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                slow.add(threads.submit(() -> turns.take("slow", () -> work(begun, end))));
            }
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            Future<String> other = threads.submit(() -> turns.take("other", () -> "done"));
            assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo("done");
            assertThat(most).hasValue(Turns.MOST_AT_ONCE_OF_ONE);
            end.countDown();
            for (Future<String> one : slow) {
                assertThat(one.get(30, TimeUnit.SECONDS)).isEqualTo("done");
            }
        }
        assertThat(most).hasValue(Turns.MOST_AT_ONCE_OF_ONE);
    }

    @Test
    void allTogetherHaveNoMoreThanTheWhole() throws Exception {
        var begun = new CountDownLatch(Turns.MOST_AT_ONCE);
        var end = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String namespace = "team-" + i;
                all.add(threads.submit(() -> turns.take(namespace, () -> work(begun, end))));
            }
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            end.countDown();
            for (Future<String> one : all) {
                assertThat(one.get(30, TimeUnit.SECONDS)).isEqualTo("done");
            }
        }
        assertThat(most).hasValue(Turns.MOST_AT_ONCE);
    }

    @Test
    void aFailureGivesTheTurnBack() {
        for (int i = 0; i <= Turns.MOST_AT_ONCE; i++) {
            assertThatThrownBy(() -> turns.take("team", () -> {
                        throw new IllegalStateException("a fault");
                    }))
                    .hasMessage("a fault");
        }
        assertThat(turns.take("team", () -> "done")).isEqualTo("done");
    }
}
