package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.environment.decide.EnvironmentDecision;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Overlay;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.trust.ImageTrust;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The recipe: observe, decide, carry out, lay the answers over, until nothing more is wanted. */
@ControllerConfiguration(name = EnvironmentReconciler.NAME)
public final class EnvironmentReconciler implements Reconciler<BuildEnvironment> {
    public static final String NAME = "environment";

    /** A plan never depends on its own results, so a few rounds settle anything; more would be a fault of ours. */
    private static final int MAX_ROUNDS = 8;

    private static final Duration AFTER_CONFLICT = Duration.ofMillis(50);
    private static final Duration AFTER_TOO_MANY_ROUNDS = Duration.ofSeconds(5);
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(10);

    private final Api api;
    private final Executor executor;
    private final ImageTrust trust;
    private final Clock clock;
    private final HeldProgress held = new HeldProgress();
    private @Nullable Caches caches;

    public EnvironmentReconciler(Api api, Executor executor, ImageTrust trust, Clock clock) {
        this.api = api;
        this.executor = executor;
        this.trust = trust;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, BuildEnvironment>> prepareEventSources(EventSourceContext<BuildEnvironment> context) {
        caches = new Caches(context);
        return caches.sources();
    }

    @Override
    public UpdateControl<BuildEnvironment> reconcile(BuildEnvironment environment, Context<BuildEnvironment> context) {
        Caches known = Objects.requireNonNull(caches);
        Observer observer = new Observer(known, api, trust);
        String uid = environment.getMetadata().getUid();
        Overlay overlay = new Overlay();
        for (int round = 0; round < MAX_ROUNDS; round++) {
            long startOfDecision = executor.startOfDecision();
            Instant now = clock.instant();
            Observed observed = observer.observe(environment, overlay, held.since(uid));
            Plan plan = EnvironmentDecision.decide(observed, now);
            held.update(uid, plan.holdsProgress(), now);
            if (plan.isEmpty()) {
                return again(plan.wakeUp().map(wakeUp -> Duration.between(now, wakeUp)));
            }
            List<Result> results = executor.carryOut(plan, startOfDecision);
            results.forEach(result -> remember(result, known, context));
            overlay.add(results);
            if (results.getLast() instanceof Result.Conflict || results.getLast() instanceof Result.Outdated) {
                return again(Optional.of(AFTER_CONFLICT));
            }
            if (plan.onlyTells()) {
                return again(plan.wakeUp().map(wakeUp -> Duration.between(now, wakeUp)));
            }
        }
        return again(Optional.of(AFTER_TOO_MANY_ROUNDS));
    }

    private static void remember(Result result, Caches caches, Context<BuildEnvironment> context) {
        if (!(result instanceof Result.Done done)) {
            return;
        }
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
