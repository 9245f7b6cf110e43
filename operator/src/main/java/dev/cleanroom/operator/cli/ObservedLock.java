package dev.cleanroom.operator.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.Lock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A Lease that is judged as client-go judges it: it has expired when this process has not seen it change for its
 * duration. The time of renewal that is stored in it comes from the leader's clock, which may be wrong by any amount,
 * so the client's elector gets the time of this process's last observed change instead.
 */
final class ObservedLock implements Lock {
    private final Lock stored;
    private final LongSupplier nanoTime;
    private @Nullable LeaderElectionRecord last;
    private long lastChange;

    /** @param nanoTime a monotonic clock that continues while the process is paused */
    ObservedLock(Lock stored, LongSupplier nanoTime) {
        this.stored = stored;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized @Nullable LeaderElectionRecord get(KubernetesClient client) {
        LeaderElectionRecord current = stored.get(client);
        if (current == null) {
            return null;
        }
        if (!current.equals(last)) {
            last = current;
            lastChange = nanoTime.getAsLong();
        }
        Duration unchanged = Duration.ofNanos(nanoTime.getAsLong() - lastChange);
        return current.toBuilder()
                .renewTime(ZonedDateTime.now(ZoneOffset.UTC).minus(unchanged))
                .build();
    }

    @Override
    public void create(KubernetesClient client, LeaderElectionRecord record) {
        stored.create(client, record);
    }

    @Override
    public void update(KubernetesClient client, LeaderElectionRecord record) {
        // A record without a holder releases the Lease, but the merge patch would not contain the field.
        stored.update(
                client,
                record.getHolderIdentity() == null
                        ? record.toBuilder().holderIdentity("").build()
                        : record);
    }

    @Override
    public String identity() {
        return stored.identity();
    }

    @Override
    public String describe() {
        return stored.describe();
    }
}
