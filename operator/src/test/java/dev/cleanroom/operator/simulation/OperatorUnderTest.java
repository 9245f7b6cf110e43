package dev.cleanroom.operator.simulation;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.containment.Flip;
import dev.cleanroom.operator.environment.EnvironmentRun;
import dev.cleanroom.operator.incident.IncidentOpener;
import dev.cleanroom.operator.incident.IncidentReconciler;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.network.DenyAllReconciler;
import dev.cleanroom.operator.simulation.Turns.Signal;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;

/** One operator process: the product's reconcilers over caches that lag, each object a task of its own. */
final class OperatorUnderTest {
    static final Duration LEASE_RENEW_DEADLINE = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofMillis(500);
    static final String OWN_NAMESPACE = "cleanroom-system";

    private final String name;
    private final World world;
    private final Fault fault;
    private final Map<Work, Turns> running = new LinkedHashMap<>();
    private final Set<Work> ready = new LinkedHashSet<>();
    private final Set<Work> dirty = new HashSet<>();
    private final Map<Work, Instant> timers = new LinkedHashMap<>();
    private final Map<ObjectKey, EnvironmentRun> environmentRuns = new LinkedHashMap<>();
    private Caches caches;
    private boolean leads;

    OperatorUnderTest(String name, World world, Fault fault) {
        this.name = name;
        this.world = world;
        this.fault = fault;
    }

    boolean isUp() {
        return caches != null;
    }

    boolean leads() {
        return leads;
    }

    /** With fresh caches, listed from servers that may themselves be behind. */
    void start(IntSupplier behind) {
        caches = new Caches(world.server(), behind, this::wake, world::canaries);
        caches.wakeHotPath();
    }

    void lead() {
        leads = true;
        caches.wakeAll();
    }

    /** Everything in memory is gone. */
    void crash() {
        running.values().forEach(task -> task.resume(Signal.CRASH));
        running.clear();
        ready.clear();
        dirty.clear();
        timers.clear();
        environmentRuns.clear();
        caches = null;
        leads = false;
    }

    void canariesChanged() {
        if (isUp()) {
            caches.wakeEnvironments();
        }
    }

    List<Watch> watches() {
        return isUp() ? caches.watches() : List.of();
    }

    List<Work> ready() {
        return List.copyOf(ready);
    }

    List<Work> running() {
        return List.copyOf(running.keySet());
    }

    Optional<Instant> nextTimer() {
        return timers.values().stream().min(Instant::compareTo);
    }

    void fireTimers() {
        List<Work> due = new ArrayList<>();
        timers.forEach((work, at) -> {
            if (!at.isAfter(world.now())) {
                due.add(work);
            }
        });
        due.forEach(work -> {
            timers.remove(work);
            wake(work);
        });
    }

    private void wake(Work work) {
        if (!leads && work.controller() != Work.Controller.HOT_PATH) {
            return;
        }
        if (running.containsKey(work)) {
            dirty.add(work);
        } else {
            ready.add(work);
        }
    }

    void begin(Work work) {
        ready.remove(work);
        timers.remove(work);
        Turns task = new Turns(() -> reconcile(work));
        running.put(work, task);
        resume(work, Signal.PROCEED);
    }

    void resume(Work work, Signal signal) {
        Turns task = running.get(work);
        task.resume(signal);
        if (task.hasEnded()) {
            running.remove(work);
            if (dirty.remove(work)) {
                ready.add(work);
            }
        }
    }

    private void reconcile(Work work) {
        Optional<Version> primary = caches.primary(work);
        if (primary.isEmpty()) {
            return;
        }
        try {
            again(work, primary.get())
                    .ifPresent(delay -> timers.put(work, world.now().plus(delay)));
        } catch (ApiUnavailableException e) {
            timers.put(work, world.now().plus(RETRY));
        }
    }

    private Optional<Duration> again(Work work, Version primary) {
        Api api = wire(work);
        return switch (work.controller()) {
            case ENVIRONMENT ->
                environmentRuns
                        .computeIfAbsent(
                                work.key(),
                                key -> new EnvironmentRun(
                                        api,
                                        executor(api),
                                        fault.onTheQuestion(world.trust()),
                                        world.clock(),
                                        fault.decision()))
                        .run(primary.as(BuildEnvironment.class), caches.known(), this::remember);
            case INCIDENT ->
                new IncidentReconciler(api, executor(api), world.clock(), OWN_NAMESPACE, digest -> Optional.empty())
                        .run(primary.key().namespace(), primary.key().name());
            case OPENER ->
                new IncidentOpener(api, executor(api), world.clock(), OWN_NAMESPACE).open(primary.as(Pod.class));
            case DENY_ALL ->
                new DenyAllReconciler(api, executor(api), OWN_NAMESPACE).run(primary.as(NetworkPolicy.class));
            case HOT_PATH -> flip(api, primary);
        };
    }

    /** As HotPath does: one PATCH, asked again while it is not settled. */
    private Optional<Duration> flip(Api api, Version pod) {
        Optional<Flip> wanted = Flip.wanted(pod.as(Pod.class), caches.requestsOf(pod));
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        return switch (api.jsonPatch(
                wanted.get().pod(), wanted.get().operations(), wanted.get().stateAlone())) {
            case Answer.Ok ok -> Optional.empty();
            case Answer.Rejected rejected -> rejected.notFound() ? Optional.empty() : Optional.of(RETRY);
        };
    }

    private Api wire(Work work) {
        return new Wire(
                fault.onTheWay(new Session(world.server(), User.OPERATOR), world.server()),
                () -> running.get(work),
                world::oneInFour,
                did -> world.trace(name + " " + work.controller() + ": " + did));
    }

    /** One a task: what a process shares between its tasks saves requests, no more, and would block a turn here. */
    private Executor executor(Api api) {
        return new Executor(api, LEASE_RENEW_DEADLINE, world::nanoTime, (write, result) -> {});
    }

    private void remember(Result.Done done) {
        if (done.stored() == null || done.write() instanceof Write.Delete || done.write() instanceof Write.Confirm) {
            return;
        }
        long revision = Long.parseLong(done.stored().getMetadata().getResourceVersion());
        for (Change change :
                world.server().changes(done.write().target().resource()).reversed()) {
            if (change.revision() == revision && change.after() != null) {
                caches.remember(done.write().target().resource(), change.after());
                return;
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
