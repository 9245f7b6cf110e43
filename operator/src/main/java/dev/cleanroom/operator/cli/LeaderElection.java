package dev.cleanroom.operator.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which process reconciles. Every process fills its caches and queues reconciles; they run only in the process
 * that holds the Lease.
 */
final class LeaderElection {
    private static final Logger log = LoggerFactory.getLogger(LeaderElection.class);

    private final Leadership settings;
    private final CountDownLatch leading = new CountDownLatch(1);
    private final ExecutorService reconciles;
    private @Nullable CompletableFuture<?> election;

    /** @param elect whether to reconcile only while holding the Lease; without it, this process always reconciles */
    record Leadership(
            boolean elect, String namespace, Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {}

    /** @param inFlight how many reconciles run at the same time */
    LeaderElection(Leadership settings, int inFlight) {
        this.settings = settings;
        this.reconciles = new Reconciles(inFlight, leading);
    }

    /** The threads that reconcile, once this process leads. */
    ExecutorService reconciles() {
        return reconciles;
    }

    /**
     * Begins when the caches are filled.
     *
     * @param lost runs when another process may hold the Lease
     * @throws io.fabric8.kubernetes.client.KubernetesClientException if the Lease cannot be read
     */
    void start(KubernetesClient client, Runnable lost) {
        if (!settings.elect()) {
            leading.countDown();
            return;
        }
        var lock = new ObservedLock(
                new LeaseLock(settings.namespace(), OperatorProcess.NAME, identity()), System::nanoTime);
        // An early error is clearer than one at each attempt, and a Lease that nobody renews is observed from now on.
        Object unused = lock.get(client);
        election = new LeaderElector(
                        client,
                        new LeaderElectionConfig(
                                lock,
                                settings.leaseDuration(),
                                settings.renewDeadline(),
                                settings.retryPeriod(),
                                new LeaderCallbacks(this::lead, lost, LeaderElection::logLeader),
                                true,
                                OperatorProcess.NAME),
                        Executors.newVirtualThreadPerTaskExecutor())
                .start();
    }

    /** Drops the reconciles of a process that does not lead. Those that run have to be awaited. */
    void dropQueued() {
        if (leading.getCount() > 0) {
            reconciles.shutdownNow();
        }
    }

    /** Releases the Lease, unless reconciles still run: another process leads at once. */
    void stop() {
        if (election != null && reconciles.isTerminated()) {
            election.cancel(true);
        }
    }

    private void lead() {
        log.info("This process holds the Lease and reconciles");
        leading.countDown();
    }

    private static void logLeader(@Nullable String leader) {
        if (leader != null) {
            log.info("The leader is {}", leader);
        }
    }

    /** The pod's name, so that a container that is started again is still the leader. */
    private static String identity() {
        return Optional.ofNullable(System.getenv("HOSTNAME"))
                .filter(name -> !name.isBlank())
                .orElseGet(() -> UUID.randomUUID().toString());
    }

    private static final class Reconciles extends ThreadPoolExecutor {
        private final CountDownLatch leading;

        Reconciles(int inFlight, CountDownLatch leading) {
            super(
                    inFlight,
                    inFlight,
                    0,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(),
                    Thread.ofVirtual().name("reconcile-", 0).factory());
            this.leading = leading;
        }

        @Override
        protected void beforeExecute(Thread thread, Runnable reconcile) {
            try {
                leading.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancellationException("The process stops and never led");
            }
        }
    }
}
