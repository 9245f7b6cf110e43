package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.environment.model.RunCause;
import dev.cleanroom.operator.kube.Clients;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.GateReport;
import dev.cleanroom.operator.trust.policy.Denials;
import dev.cleanroom.operator.trust.policy.Policy;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs {@link EnvironmentRun} for the SDK: with its informers and its rescheduling. */
@ControllerConfiguration(
        name = EnvironmentReconciler.NAME,
        // A request for a rerun is an annotation, which does not change the generation.
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = EnvironmentReconciler.Asks.class, informerListLimit = Clients.PAGE))
public final class EnvironmentReconciler implements Reconciler<BuildEnvironment>, OrphanReconciler.Cached {
    public static final String NAME = "environment";

    private static final Duration SHORTEST_WAIT = Duration.ofMillis(10);

    /**
     * Whether an update asks for anything. What the operator writes itself, the status, does not, but a person may have
     * corrected one that could not be read.
     */
    public static final class Asks implements OnUpdateFilter<BuildEnvironment> {
        @Override
        public boolean accept(BuildEnvironment after, BuildEnvironment before) {
            return !Objects.equals(
                            before.getMetadata().getGeneration(),
                            after.getMetadata().getGeneration())
                    || before.isMarkedForDeletion() != after.isMarkedForDeletion()
                    || !Objects.equals(before.unreadableStatus(), after.unreadableStatus())
                    || RunCause.differ(before, after);
        }
    }

    private final EnvironmentRun run;
    private final Installation installation;
    private final Consumer<GateReport> gates;
    private final Elsewhere elsewhere;
    private @Nullable IndexerResourceCache<BuildEnvironment> environments;
    private volatile @Nullable Caches caches;

    /** @param gates receives the end of each gate that this process watched */
    public EnvironmentReconciler(
            EnvironmentRun run, Installation installation, Consumer<GateReport> gates, Elsewhere elsewhere) {
        this.run = run;
        this.installation = installation;
        this.gates = gates;
        this.elsewhere = elsewhere;
    }

    @Override
    public List<EventSource<?, BuildEnvironment>> prepareEventSources(EventSourceContext<BuildEnvironment> context) {
        environments = context.getPrimaryCache();
        caches = new Caches(context, installation, gates, elsewhere);
        return caches.sources();
    }

    @Override
    public UpdateControl<BuildEnvironment> reconcile(BuildEnvironment environment, Context<BuildEnvironment> context) {
        Caches known = Objects.requireNonNull(caches);
        return again(run.run(environment, known, done -> remember(done, known, context)));
    }

    /** How many environments each current policy rejects; empty while that is not known. */
    public Map<Policy.Id, Integer> rejections() {
        Caches known = caches;
        return known == null || !known.isStarted()
                ? Map.of()
                : run.rejections(known, Objects.requireNonNull(environments)::list);
    }

    /**
     * How many pods run what one policy denies, including those that were quarantined for it.
     *
     * @param denials the denials of that policy alone
     * @return empty while that is not known, and if the policy denies no digest
     */
    public OptionalInt deniedPods(Denials denials) {
        Caches known = caches;
        return known == null || !known.isStarted() ? OptionalInt.empty() : Images.deniedPods(denials, known);
    }

    /** The environments that use an image, by its digest; empty before the caches are filled. */
    public Optional<Set<ObjectKey>> usersOf(String digest) {
        Caches known = caches;
        return known == null || !known.isStarted()
                ? Optional.empty()
                : Optional.of(ImageUsers.of(
                        digest, Objects.requireNonNull(environments).list(), known.allPods()));
    }

    @Override
    public Collection<HasMetadata> objectsIn(String namespace) {
        Caches known = caches;
        return known == null ? List.of() : known.objectsIn(namespace);
    }

    @Override
    public Optional<BuildEnvironment> environment(String namespace, String name) {
        return Optional.ofNullable(environments).flatMap(known -> known.get(new ResourceID(name, namespace)));
    }

    private static void remember(Result.Done done, Caches caches, Context<BuildEnvironment> context) {
        if (done.write() instanceof Write.ApplyStatus(var target, HasMetadata fresh, var reason)
                && fresh instanceof BuildEnvironment before
                && done.stored() instanceof BuildEnvironment stored) {
            context.eventSourceRetriever()
                    .getControllerEventSource()
                    .handleRecentResourceUpdate(new ResourceID(target.name(), target.namespace()), stored, before);
        } else {
            caches.remember(done);
        }
    }

    private static UpdateControl<BuildEnvironment> again(Optional<Duration> delay) {
        UpdateControl<BuildEnvironment> control = UpdateControl.noUpdate();
        return delay.map(wait -> wait.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : wait)
                .map(control::rescheduleAfter)
                .orElse(control);
    }
}
