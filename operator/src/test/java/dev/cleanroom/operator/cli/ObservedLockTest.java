package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.Lock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Lease is judged by when this process saw it change, whatever the clock of its holder says. */
class ObservedLockTest {
    private static final Duration TERM = Duration.ofSeconds(15);

    private final AtomicLong nanoTime = new AtomicLong();
    private final StoredLock stored = new StoredLock();
    private final ObservedLock lock = new ObservedLock(stored, nanoTime::get);

    /** @see <a href="https://pkg.go.dev/k8s.io/client-go/tools/leaderelection">client-go: clock skew</a> */
    @ParameterizedTest
    @ValueSource(longs = {-60 * 86_400L, -20, 0, 20, 60 * 86_400L})
    void aHolderThatDiedIsFollowedAfterTheTermOfTheLease(long secondsAhead) {
        stored.renew("dead", secondsAhead);
        assertThat(expired()).as("just seen for the first time").isFalse();
        pass(TERM.minusSeconds(1));
        assertThat(expired()).isFalse();
        pass(Duration.ofSeconds(2));
        assertThat(expired()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {-60 * 86_400L, -20, 0, 20, 60 * 86_400L})
    void aHolderThatRenewsIsNeverDeposed(long secondsAhead) {
        for (int renewal = 0; renewal < 20; renewal++) {
            stored.renew("healthy", secondsAhead + renewal * 10L);
            assertThat(expired()).isFalse();
            pass(Duration.ofSeconds(10));
            assertThat(expired()).isFalse();
        }
    }

    /** A machine whose clock was corrected renews with an earlier time than before. */
    @Test
    void aClockThatIsSetBackIsARenewal() {
        stored.renew("healthy", 3_600);
        assertThat(expired()).isFalse();
        pass(TERM.minusSeconds(1));
        stored.renew("healthy", 0);
        assertThat(expired()).isFalse();
        pass(TERM.minusSeconds(1));
        assertThat(expired()).isFalse();
    }

    @Test
    void anotherHolderWithTheSameTimeIsAChange() {
        stored.renew("first", 0);
        assertThat(expired()).isFalse();
        pass(TERM.minusSeconds(1));
        stored.hold("second");
        assertThat(expired()).isFalse();
        pass(Duration.ofSeconds(2));
        assertThat(expired()).isFalse();
    }

    @Test
    void aLeaseThatDoesNotExistIsFree() {
        assertThat(lock.get(null)).isNull();
    }

    private void pass(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }

    /** As the client's elector judges. */
    private boolean expired() {
        LeaderElectionRecord record = Objects.requireNonNull(lock.get(null));
        return ZonedDateTime.now(ZoneOffset.UTC).isAfter(record.getRenewTime().plus(record.getLeaseDuration()));
    }

    private static final class StoredLock implements Lock {
        private static final Instant START = Instant.now();
        private LeaderElectionRecord record;

        void renew(String holder, long secondsAhead) {
            ZonedDateTime time = START.plusSeconds(secondsAhead).atZone(ZoneOffset.UTC);
            record = new LeaderElectionRecord(holder, TERM, time, time, 0);
        }

        void hold(String holder) {
            record = record.toBuilder().holderIdentity(holder).build();
        }

        @Override
        public LeaderElectionRecord get(KubernetesClient client) {
            return record;
        }

        @Override
        public void create(KubernetesClient client, LeaderElectionRecord created) {
            record = created;
        }

        @Override
        public void update(KubernetesClient client, LeaderElectionRecord updated) {
            record = updated;
        }

        @Override
        public String identity() {
            return "this process";
        }

        @Override
        public String describe() {
            return "a Lease";
        }
    }
}
