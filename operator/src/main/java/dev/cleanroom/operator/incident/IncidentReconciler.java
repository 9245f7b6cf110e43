package dev.cleanroom.operator.incident;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.operator.containment.IncidentNames;
import dev.cleanroom.operator.incident.decide.IncidentDecision;
import dev.cleanroom.operator.incident.model.ObservedIncident;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Result;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The recipe of an incident: read it all afresh, decide, carry out, until nothing more is wanted. */
@ControllerConfiguration(name = IncidentReconciler.NAME)
public final class IncidentReconciler implements Reconciler<BuildIncident> {
    public static final String NAME = "incident";

    private static final int MAX_ROUNDS = 8;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(10);

    /** Where a refused write is told in the incident's conditions, and the other steps go on. */
    private static final Set<Resource> TOLD = Set.of(Resource.VOLUME_SNAPSHOT, Resource.TRUST_POLICY);

    private final IncidentObserver observer;
    private final Executor executor;
    private final Clock clock;
    private final String operatorNamespace;

    public IncidentReconciler(Api api, Executor executor, Clock clock, String operatorNamespace) {
        this.observer = new IncidentObserver(api, operatorNamespace);
        this.executor = executor;
        this.clock = clock;
        this.operatorNamespace = operatorNamespace;
    }

    @Override
    public List<EventSource<?, BuildIncident>> prepareEventSources(EventSourceContext<BuildIncident> context) {
        return List.of(new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, BuildIncident.class)
                        .withLabelSelector(HeldPods.SELECTOR)
                        .withSecondaryToPrimaryMapper(this::incidentsOf)
                        .build(),
                context));
    }

    @Override
    public UpdateControl<BuildIncident> reconcile(BuildIncident incident, Context<BuildIncident> context) {
        UpdateControl<BuildIncident> control = UpdateControl.noUpdate();
        return run(incident.getMetadata().getNamespace(), incident.getMetadata().getName())
                .map(wait -> wait.compareTo(LOOK_AGAIN) < 0 ? LOOK_AGAIN : wait)
                .map(control::rescheduleAfter)
                .orElse(control);
    }

    /** @return after how long to look again; empty when nothing changes by itself */
    public Optional<Duration> run(String namespace, String name) {
        Map<Resource, String> refusals = new EnumMap<>(Resource.class);
        for (int round = 0; round < MAX_ROUNDS; round++) {
            long startOfDecision = executor.startOfDecision();
            Instant now = clock.instant();
            Optional<ObservedIncident> observed = observer.observe(namespace, name);
            if (observed.isEmpty()) {
                return Optional.empty();
            }
            Plan plan = IncidentDecision.decide(observed.get().without(refusals), now);
            if (plan.isEmpty()) {
                return plan.wakeUp().map(wakeUp -> Duration.between(now, wakeUp));
            }
            Result last = executor.carryOut(plan, startOfDecision).getLast();
            if (last instanceof Result.Refused refused
                    && TOLD.contains(refused.write().target().resource())) {
                refusals.put(refused.write().target().resource(), refused.message());
            } else if (!(last instanceof Result.Done)) {
                return Optional.of(last instanceof Result.Conflict ? LOOK_AGAIN : AFTER_REFUSAL);
            }
        }
        return Optional.of(AFTER_REFUSAL);
    }

    /** Beside the pod, or where it was opened because the pod's namespace was going. */
    private Set<ResourceID> incidentsOf(Pod pod) {
        String name = IncidentNames.incident(
                pod.getMetadata().getName(), pod.getMetadata().getUid());
        return Stream.of(pod.getMetadata().getNamespace(), operatorNamespace)
                .map(namespace -> new ResourceID(name, namespace))
                .collect(Collectors.toUnmodifiableSet());
    }
}
