package dev.cleanroom.operator.cli;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.classes.ClassReconciler;
import dev.cleanroom.operator.cli.LeaderElection.Leadership;
import dev.cleanroom.operator.containment.HotPath;
import dev.cleanroom.operator.environment.Elsewhere;
import dev.cleanroom.operator.environment.EnvironmentReconciler;
import dev.cleanroom.operator.environment.EnvironmentRun;
import dev.cleanroom.operator.environment.Installation;
import dev.cleanroom.operator.environment.OrphanReconciler;
import dev.cleanroom.operator.environment.decide.EnvironmentDecision;
import dev.cleanroom.operator.guardrails.GuardRailWatch;
import dev.cleanroom.operator.incident.IncidentOpener;
import dev.cleanroom.operator.incident.IncidentReconciler;
import dev.cleanroom.operator.kube.Clients;
import dev.cleanroom.operator.kube.PodLogs;
import dev.cleanroom.operator.kube.RestApi;
import dev.cleanroom.operator.kube.ServerClock;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.network.DenyAllReconciler;
import dev.cleanroom.operator.record.RunLogs;
import dev.cleanroom.operator.telemetry.ProbeServer;
import dev.cleanroom.operator.telemetry.ReconcileMetrics;
import dev.cleanroom.operator.telemetry.Telemetry;
import dev.cleanroom.operator.trust.ImageVerifier;
import dev.cleanroom.operator.trust.PullSecretSource;
import dev.cleanroom.operator.trust.registry.Patience;
import dev.cleanroom.operator.trust.registry.Registries;
import dev.cleanroom.operator.trust.registry.RegistryOptions;
import dev.cleanroom.operator.trustpolicy.TrustPolicyReconciler;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import java.net.ConnectException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator process. It serves its probes first and then fills its caches, also as a standby. Reconciling begins
 * when it has the Lease. When it is stopped, it starts no new work and waits for the work in progress.
 */
final class OperatorProcess {
    private static final Logger log = LoggerFactory.getLogger(OperatorProcess.class);

    /** The name of the Lease, and of the Deployment and ServiceAccount in the chart. */
    static final String NAME = "cleanroom-operator";

    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final int FIRST_RETRY_MILLIS = 500;
    private static final int LONGEST_RETRY_MILLIS = 60_000;

    /** @param namespaces the namespaces to watch; empty for all */
    record Settings(int port, Set<String> namespaces, int inFlight, Images images, Leadership leadership) {}

    /** @param tools the reference of the tools image */
    record Images(RegistryOptions registries, String tools) {}

    private final Settings settings;
    private final LeaderElection election;
    private final ServerClock serverClock = new ServerClock(InstantSource.system());
    private final Clock clock = serverClock.withZone(ZoneOffset.UTC);
    private final Telemetry telemetry = new Telemetry();
    private final AtomicReference<@Nullable Operator> running = new AtomicReference<>();
    private final AtomicReference<@Nullable HotPath> containment = new AtomicReference<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);

    OperatorProcess(Settings settings) {
        this.settings = settings;
        this.election = new LeaderElection(settings.leadership(), settings.inFlight());
    }

    /** Returns the exit code, after a signal or the loss of the Lease. */
    int run() {
        try (ProbeServer _ = ProbeServer.start(settings.port(), this::isReady, telemetry::scrape);
                KubernetesClient watching = Clients.forWatching(serverClock);
                KubernetesClient writing = Clients.forWriting(watching.getConfiguration(), serverClock);
                KubernetesClient containing = Clients.forContainment(watching.getConfiguration());
                HotPath hotPath =
                        new HotPath(containing, new RestApi(containing), settings.namespaces(), telemetry::flip);
                GuardRailWatch guardRails = new GuardRailWatch(
                        new RestApi(writing), clock, settings.leadership().namespace(), telemetry::guardRail);
                Registries registries =
                        new Registries(settings.images().registries(), Patience.DEFAULT, Clock.systemUTC())) {
            containment.set(hotPath);
            hotPath.start();
            guardRails.start();
            Operator operator = build(watching, writing, registries, guardRails);
            Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
            operator.start();
            running.set(operator);
            log.info(
                    "The caches are filled; watching {}",
                    settings.namespaces().isEmpty() ? "all namespaces" : settings.namespaces());
            election.start(watching, this::lostLease);
            stopped.await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } catch (RuntimeException e) {
            // Without this, the stop hook would report an orderly end.
            if (!stopping.compareAndSet(false, true)) {
                return 0;
            }
            log.error(
                    "The operator cannot start: {}. Check that the cluster is reachable, that the CRDs of this"
                            + " version are"
                            + " installed, and that the service account has the operator's roles",
                    rootCause(e),
                    e);
            return 1;
        }
    }

    /**
     * Finds the useful cause. The SDK's message says only that it did not start, and the causes of a refused connection
     * say even less.
     */
    private static String rootCause(Throwable thrown) {
        Throwable cause = thrown;
        while (!(cause instanceof ConnectException)
                && cause.getCause() != null
                && !cause.getCause().equals(cause)) {
            cause = cause.getCause();
        }
        return String.valueOf(cause);
    }

    private Operator build(
            KubernetesClient watching, KubernetesClient writing, Registries registries, GuardRailWatch guardRails) {
        var api = new RestApi(writing);
        var executor = new Executor(api, settings.leadership().renewDeadline(), System::nanoTime, telemetry::write);
        Operator operator = new Operator(overrider -> configure(overrider, watching));
        var verifier = new ImageVerifier(
                registries,
                new PullSecretSource.InCluster(api, settings.leadership().namespace()),
                Clock.systemUTC(),
                task -> Thread.ofVirtual().name("verify").start(task),
                telemetry::image);
        var incidentOpener =
                new IncidentOpener(api, executor, clock, settings.leadership().namespace());
        var environments = new EnvironmentReconciler(
                new EnvironmentRun(api, executor, verifier, clock, EnvironmentDecision::decide),
                new Installation(
                        settings.leadership().namespace(), settings.images().tools()),
                telemetry::gate,
                new Elsewhere(incidentOpener::refusal, guardRails::preparingNotReady, runLogs(writing)));
        operator.register(environments, this::namespaced);
        operator.register(
                new TrustPolicyReconciler(
                        executor,
                        clock,
                        settings.leadership().namespace(),
                        environments::rejections,
                        environments::deniedPods),
                this::retried);
        operator.register(
                new DenyAllReconciler(api, executor, settings.leadership().namespace()), this::namespaced);
        operator.register(new ClassReconciler(api, executor, clock), this::retried);
        operator.register(incidentOpener, this::namespaced);
        operator.register(new OrphanReconciler(api, executor, environments), this::retried);
        operator.register(
                new IncidentReconciler(
                        api, executor, clock, settings.leadership().namespace(), environments::usersOf),
                this::namespacedAndOwn);
        return operator;
    }

    private RunLogs runLogs(KubernetesClient client) {
        var reads = new PodLogs(client, CleanroomApi.OBSERVER_CONTAINER);
        return new RunLogs(
                new RunLogs.Sources(reads::read, reads::object),
                settings.leadership().namespace(),
                task -> Thread.ofVirtual().name("run-log").start(task),
                new RunLogs.Timing(System::nanoTime, Thread::sleep),
                telemetry::run);
    }

    private void configure(ConfigurationServiceOverrider overrider, KubernetesClient client) {
        overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withMetrics(new ReconcileMetrics(telemetry))
                .withExecutorService(election.reconciles())
                .withReconciliationTerminationTimeout(GRACE)
                // Cached objects are never changed, so they need not be copied.
                .withResourceCloner(new Cloner() {
                    @Override
                    public <R extends HasMetadata> R clone(R object) {
                        return object;
                    }
                });
    }

    private <P extends HasMetadata> void namespaced(ControllerConfigurationOverrider<P> controller) {
        namespaced(controller, settings.namespaces());
    }

    /** The incident of a pod in a namespace that is being deleted is stored in the operator's namespace. */
    private <P extends HasMetadata> void namespacedAndOwn(ControllerConfigurationOverrider<P> controller) {
        Set<String> all = new HashSet<>(settings.namespaces());
        all.add(settings.leadership().namespace());
        namespaced(controller, all);
    }

    private <P extends HasMetadata> void namespaced(
            ControllerConfigurationOverrider<P> controller, Set<String> namespaces) {
        retried(controller);
        if (!settings.namespaces().isEmpty()) {
            controller.settingNamespaces(namespaces);
        }
    }

    /** Infrastructure errors are retried with back-off and without a last attempt. */
    private <P extends HasMetadata> void retried(ControllerConfigurationOverrider<P> controller) {
        controller.withRetry(new GenericRetry()
                .setInitialInterval(FIRST_RETRY_MILLIS)
                .setIntervalMultiplier(2)
                .setMaxInterval(LONGEST_RETRY_MILLIS)
                .withoutMaxAttempts());
    }

    private boolean isReady() {
        Operator operator = running.get();
        HotPath hotPath = containment.get();
        return operator != null
                && hotPath != null
                && hotPath.isWatching()
                && !stopping.get()
                && operator.getRuntimeInfo().isStarted()
                && operator.getRuntimeInfo().allEventSourcesAreHealthy();
    }

    private void lostLease() {
        if (!stopping.get()) {
            log.error("The Lease was lost, so another process may be the leader; this process exits");
            // Not exit: the shutdown hooks would wait for work that must not continue.
            Runtime.getRuntime().halt(1);
        }
    }

    private void stop() {
        if (stopping.compareAndSet(false, true)) {
            log.info("Stopping; work in progress has {} s to end", GRACE.toSeconds());
            election.dropQueued();
            Operator operator = running.get();
            if (operator != null) {
                operator.stop();
            }
            election.stop();
            stopped.countDown();
            log.info("Stopped");
            // After SIGTERM the virtual machine would exit with 143, but an orderly stop is not an error.
            Runtime.getRuntime().halt(0);
        }
    }
}
