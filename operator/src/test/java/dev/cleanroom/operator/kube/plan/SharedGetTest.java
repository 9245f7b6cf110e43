package dev.cleanroom.operator.kube.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SharedGetTest {
    private static final ObjectKey DENY_ALL = new ObjectKey(Resource.NETWORK_POLICY, "payments", "cleanroom.deny-all");

    private final AtomicInteger sent = new AtomicInteger();
    private final CountDownLatch firstIsSent = new CountDownLatch(1);
    private final CompletableFuture<Answer> first = new CompletableFuture<>();
    private final SharedGet shared = new SharedGet(this::get);

    /** The first is answered when the test says so; each later one at once, with its number. */
    private Answer get(ObjectKey key) {
        int number = sent.incrementAndGet();
        if (number == 1) {
            firstIsSent.countDown();
            return first.join();
        }
        return numbered(number);
    }

    private static Answer numbered(int number) {
        return new Answer.Rejected(404, "NotFound", "answer " + number);
    }

    private record Asker(Thread thread, FutureTask<Answer> answer) {}

    private Asker ask() {
        var answer = new FutureTask<Answer>(() -> shared.of(DENY_ALL));
        return new Asker(Thread.ofVirtual().start(answer), answer);
    }

    /** One GET is under way, and these have asked since. */
    private List<Asker> askMeanwhile(int count) throws InterruptedException {
        firstIsSent.await();
        List<Asker> askers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            askers.add(ask());
        }
        await().until(() -> askers.stream().allMatch(it -> it.thread().getState() == Thread.State.WAITING));
        return askers;
    }

    @Test
    void whoAsksWhileAGetIsUnderWaySharesTheNextAndNotItsAnswer() throws Exception {
        Asker early = ask();
        List<Asker> later = askMeanwhile(50);
        first.complete(numbered(1));
        assertThat(early.answer().get()).isEqualTo(numbered(1));
        for (Asker asker : later) {
            assertThat(asker.answer().get()).isEqualTo(numbered(2));
        }
        assertThat(sent).hasValue(2);
    }

    @Test
    void whoAsksAloneIsAnsweredByAGetOfItsOwn() {
        first.complete(numbered(1));
        assertThat(shared.of(DENY_ALL)).isEqualTo(numbered(1));
        assertThat(shared.of(DENY_ALL)).isEqualTo(numbered(2));
    }

    @Test
    void aGetThatFailsFailsItsSenderAlone() throws Exception {
        Asker early = ask();
        List<Asker> later = askMeanwhile(3);
        first.completeExceptionally(new IllegalStateException("cut off"));
        assertThatThrownBy(() -> early.answer().get()).rootCause().hasMessage("cut off");
        for (Asker asker : later) {
            assertThat(asker.answer().get()).isInstanceOf(Answer.Rejected.class);
        }
    }
}
