package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.environment.decide.Orphans;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Rounds;
import dev.cleanroom.operator.pod.IncidentNames;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Deletes the {@link Orphans} of each namespace that is open for builds. No event of an environment reports them, because
 * their environment is gone, so they are looked for at an interval.
 *
 * <ol>
 *   <li>The caches say what may be an orphan. Nothing is read or written while that is nothing.
 *   <li>The API server is asked for the environment, and for the incident of a pod: a cache may lag behind both, and
 *       a person may have opened the incident.
 *   <li>Each orphan is deleted by a plan of its own, so that one that may not be deleted does not keep the others.
 * </ol>
 */
@ControllerConfiguration(
        name = OrphanReconciler.NAME,
        informer = @Informer(labelSelector = CleanroomApi.BUILDS_LABEL + "=" + CleanroomApi.BUILDS_ENABLED))
public final class OrphanReconciler implements Reconciler<Namespace> {
    public static final String NAME = "orphans";

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    private final Api api;
    private final Executor executor;
    private final Cached cached;

    /** What the caches of the environment controller have, as far as they are filled. */
    public interface Cached {
        /** The pods, policies and accounts of a namespace. */
        Collection<HasMetadata> objectsIn(String namespace);

        Optional<BuildEnvironment> environment(String namespace, String name);
    }

    public OrphanReconciler(Api api, Executor executor, Cached cached) {
        this.api = api;
        this.executor = executor;
        this.cached = cached;
    }

    @Override
    public UpdateControl<Namespace> reconcile(Namespace namespace, Context<Namespace> context) {
        run(namespace.getMetadata().getName());
        return UpdateControl.<Namespace>noUpdate().rescheduleAfter(LOOK_AGAIN);
    }

    void run(String namespace) {
        Collection<HasMetadata> objects = cached.objectsIn(namespace);
        List<HasMetadata> candidates = objects.stream()
                .filter(object -> isOrphan(object, name -> cached.environment(namespace, name)))
                .toList();
        Map<String, Optional<BuildEnvironment>> stored = new HashMap<>();
        for (HasMetadata candidate : candidates) {
            long startOfDecision = executor.startOfDecision();
            if (isOrphan(candidate, name -> stored.computeIfAbsent(name, it -> environment(namespace, it)))
                    && !isKept(candidate, objects)) {
                Rounds.once(executor, Plan.of(List.of(Orphans.deletion(candidate)), Optional.empty()), startOfDecision);
            }
        }
    }

    private static boolean isOrphan(HasMetadata object, Function<String, Optional<BuildEnvironment>> environments) {
        return Orphans.environmentOf(object)
                .filter(name -> Orphans.isOrphan(object, environments.apply(name)))
                .isPresent();
    }

    private boolean isKept(HasMetadata orphan, Collection<HasMetadata> objects) {
        return orphan instanceof Pod
                ? hasOpenIncident(orphan)
                : Orphans.isPreserving(Orphans.environmentOf(orphan).orElseThrow(), objects.stream());
    }

    private boolean hasOpenIncident(HasMetadata pod) {
        String name = IncidentNames.incident(
                pod.getMetadata().getName(), pod.getMetadata().getUid());
        return get(new ObjectKey(Resource.BUILD_INCIDENT, pod.getMetadata().getNamespace(), name), BuildIncident.class)
                .filter(incident -> incident.getStatus() == null
                        || !Conditions.isTrue(incident.getStatus().conditions(), Reasons.CLOSED))
                .isPresent();
    }

    private Optional<BuildEnvironment> environment(String namespace, String name) {
        return get(new ObjectKey(Resource.BUILD_ENVIRONMENT, namespace, name), BuildEnvironment.class);
    }

    /** A failed read does not mean that the object is gone. */
    private <T extends HasMetadata> Optional<T> get(ObjectKey key, Class<T> type) {
        return switch (api.get(key)) {
            case Answer.Ok ok when type.isInstance(ok.object()) -> Optional.of(type.cast(ok.object()));
            case Answer.Rejected rejected when rejected.notFound() -> Optional.empty();
            case Answer.Rejected rejected -> throw new ApiUnavailableException(key + ": " + rejected.message(), null);
            case Answer.Ok ok -> throw new ApiUnavailableException(key + " cannot be read", null);
        };
    }
}
