package dev.cleanroom.operator.simulation;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.environment.EnvironmentReconciler;
import dev.cleanroom.operator.environment.Known;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.IncidentNames;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.simulation.Work.Controller;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The informers of one operator process, one a kind and controller as in the product, and what wakes what. */
final class Caches {
    private final ApiServer server;
    private final Consumer<Work> wake;
    private final List<Watch> all = new ArrayList<>();
    private final Watch environments;
    private final Watch pods;
    private final Watch policies;
    private final Watch accounts;
    private final Watch incidents;
    private final Watch budgets;
    private final Watch runRecords;
    private final Watch held;
    private final Watch incidentPrimaries;
    private final Watch denyAlls;
    private final Watch activePods;
    private final Watch requests;
    private final Known known;

    /** @param canaries those that are ready */
    Caches(ApiServer server, IntSupplier behind, Consumer<Work> wake, Supplier<List<Pod>> canaries) {
        this.server = server;
        this.wake = wake;
        environments = watch(Resource.BUILD_ENVIRONMENT, it -> true, behind, this::environmentChanged);
        pods = watch(Resource.POD, Version::isBuildPod, behind, this::podChanged);
        policies = watch(Resource.NETWORK_POLICY, it -> true, behind, this::policyChanged);
        accounts = watch(Resource.SERVICE_ACCOUNT, it -> true, behind, this::wakeEnvironment);
        incidents = watch(Resource.BUILD_INCIDENT, it -> true, behind, this::wakeEnvironment);
        budgets = watch(Resource.DISRUPTION_BUDGET, it -> true, behind, change -> {});
        runRecords = watch(Resource.BUILD_RECORD, it -> true, behind, change -> {});
        held = watch(Resource.POD, it -> it.state().isHeld(), behind, wakes(Controller.OPENER));
        incidentPrimaries = watch(Resource.BUILD_INCIDENT, it -> true, behind, this::incidentChanged);
        watch(Resource.POD, it -> it.state().isHeld(), behind, this::wakeIncident);
        denyAlls = watch(
                Resource.NETWORK_POLICY,
                it -> it.name().equals(Names.DENY_ALL) || it.name().equals(Names.BEACON),
                behind,
                wakes(Controller.DENY_ALL));
        activePods = watch(Resource.POD, it -> !it.state().isHeld(), behind, wakes(Controller.HOT_PATH));
        requests = watch(Resource.BUILD_ENVIRONMENT, it -> true, behind, this::requested);
        known = new CachedKnown(
                new CachedKnown.Watches(pods, policies, accounts, incidents, budgets, runRecords),
                server,
                canaries,
                environment -> wake.accept(new Work(Controller.ENVIRONMENT, environment)));
    }

    private Watch watch(Resource kind, Predicate<Version> selector, IntSupplier behind, Consumer<Change> listener) {
        Watch watch = new Watch(server, kind, selector, behind.getAsInt(), listener);
        all.add(watch);
        return watch;
    }

    /** What reconcilers read of it. */
    Known known() {
        return known;
    }

    List<Watch> watches() {
        return all;
    }

    /** What a process does first that begins to lead. */
    void wakeAll() {
        environments.all().forEach(it -> wake.accept(new Work(Controller.ENVIRONMENT, it.key())));
        incidentPrimaries.all().forEach(it -> wake.accept(new Work(Controller.INCIDENT, it.key())));
        held.all().forEach(it -> wake.accept(new Work(Controller.OPENER, it.key())));
        denyAlls.all().forEach(it -> wake.accept(new Work(Controller.DENY_ALL, it.key())));
    }

    /** What its hot path does first, leading or not. */
    void wakeHotPath() {
        activePods.all().forEach(it -> wake.accept(new Work(Controller.HOT_PATH, it.key())));
    }

    Optional<Version> primary(Work work) {
        Watch watch = switch (work.controller()) {
            case ENVIRONMENT -> environments;
            case INCIDENT -> incidentPrimaries;
            case OPENER -> held;
            case DENY_ALL -> denyAlls;
            case HOT_PATH -> activePods;
        };
        return watch.find(work.key());
    }

    /** The environment as the hot path sees it. */
    Optional<BuildEnvironment> requestsOf(Version pod) {
        return requests.find(environmentKey(pod)).map(it -> it.as(BuildEnvironment.class));
    }

    void remember(Resource resource, Version written) {
        for (Watch watch : List.of(pods, policies, budgets, accounts, runRecords, environments)) {
            if (watch.resource() == resource) {
                watch.remember(written);
            }
        }
    }

    private void environmentChanged(Change change) {
        if (change.after() != null && (change.before() == null || asks(change))) {
            wake.accept(new Work(Controller.ENVIRONMENT, change.after().key()));
        }
    }

    private static boolean asks(Change change) {
        return new EnvironmentReconciler.Asks()
                .accept(
                        change.after().as(BuildEnvironment.class),
                        change.before().as(BuildEnvironment.class));
    }

    /** The SDK looks again only where the generation has changed. */
    private void incidentChanged(Change change) {
        if (change.after() != null && generationChanged(change)) {
            wake.accept(new Work(Controller.INCIDENT, change.after().key()));
        }
    }

    private static boolean generationChanged(Change change) {
        return change.before() == null
                || !change.before()
                        .at("/metadata/generation")
                        .equals(change.after().at("/metadata/generation"))
                || change.before().isTerminating() != change.after().isTerminating();
    }

    private void podChanged(Change change) {
        if (change.before() == null
                || change.after() == null
                || BuildPod.differ(change.before().as(Pod.class), change.after().as(Pod.class))) {
            wakeEnvironment(change);
        }
    }

    private void wakeEnvironment(Change change) {
        if (!change.latest().label(CleanroomApi.ENVIRONMENT_LABEL).isEmpty()) {
            wake.accept(new Work(Controller.ENVIRONMENT, environmentKey(change.latest())));
        }
    }

    private void policyChanged(Change change) {
        Version policy = change.latest();
        if (policy.name().equals(Names.DENY_ALL) && policy.isTerminating()) {
            wakeEnvironments();
        } else {
            wakeEnvironment(change);
        }
    }

    /** A canary came or went. */
    void wakeEnvironments() {
        environments.all().forEach(it -> wake.accept(new Work(Controller.ENVIRONMENT, it.key())));
    }

    private void wakeIncident(Change change) {
        Version pod = change.latest();
        for (String namespace : List.of(pod.key().namespace(), OperatorUnderTest.OWN_NAMESPACE)) {
            wake.accept(new Work(
                    Controller.INCIDENT,
                    new ObjectKey(Resource.BUILD_INCIDENT, namespace, IncidentNames.incident(pod.name(), pod.uid()))));
        }
    }

    private Consumer<Change> wakes(Controller controller) {
        return change -> wake.accept(new Work(controller, change.latest().key()));
    }

    private void requested(Change change) {
        activePods.all().stream()
                .filter(pod -> environmentKey(pod).equals(change.latest().key()))
                .forEach(pod -> wake.accept(new Work(Controller.HOT_PATH, pod.key())));
    }

    private static ObjectKey environmentKey(Version object) {
        return new ObjectKey(
                Resource.BUILD_ENVIRONMENT, object.key().namespace(), object.label(CleanroomApi.ENVIRONMENT_LABEL));
    }
}
