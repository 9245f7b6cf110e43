package dev.cleanroom.operator.incident;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.operator.incident.IncidentObserver.Subject;
import dev.cleanroom.operator.incident.decide.IncidentDecision;
import dev.cleanroom.operator.incident.model.ObservedIncident;
import dev.cleanroom.operator.incident.model.StoppedBuilds;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Rounds;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.IncidentNames;
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
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of an incident: isolate its pod, as incident and pod say; then read everything else again, decide and
 * write, until nothing is left to write.
 */
@ControllerConfiguration(name = IncidentReconciler.NAME)
public final class IncidentReconciler implements Reconciler<BuildIncident> {
    private static final Logger log = LoggerFactory.getLogger(IncidentReconciler.class);
    public static final String NAME = "incident";

    private static final Duration SHORTEST_WAIT = Duration.ofMillis(10);

    /** How soon a failed read is tried again while the pod has its network. */
    private static final Duration WHILE_CONNECTED = Duration.ofSeconds(2);

    /**
     * If a write of these is refused, the incident's conditions report it and the other steps continue, as when the
     * change of the pod's state is refused.
     */
    private static final Set<Resource> REPORTED = Set.of(Resource.VOLUME_SNAPSHOT, Resource.TRUST_POLICY);

    private final IncidentObserver observer;
    private final Rounds rounds;
    private final String operatorNamespace;

    /**
     * @param usersOf the environments that use an image, by its digest: those that its denial stops; empty while they
     *     are not known
     */
    public IncidentReconciler(
            Api api,
            Executor executor,
            Clock clock,
            String operatorNamespace,
            Function<String, Optional<Set<ObjectKey>>> usersOf) {
        this.observer = new IncidentObserver(api, operatorNamespace, usersOf);
        this.rounds = new Rounds(executor, clock);
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
                .map(wait -> wait.compareTo(SHORTEST_WAIT) < 0 ? SHORTEST_WAIT : wait)
                .map(control::rescheduleAfter)
                .orElse(control);
    }

    /** @return when to check again; empty if the passing of time changes nothing */
    public Optional<Duration> run(String namespace, String name) {
        return rounds.run(new Run(namespace, name));
    }

    /** One run. Its later rounds know what the API server refused, and which builds the denial of the image stops. */
    private final class Run implements Rounds.Recipe {
        private final String namespace;
        private final String name;
        private final Map<Resource, String> refusals = new EnumMap<>(Resource.class);
        private Optional<StoppedBuilds> stops = Optional.empty();

        Run(String namespace, String name) {
            this.namespace = namespace;
            this.name = name;
        }

        @Override
        public Plan decide(Instant now) {
            return observer.subject(namespace, name)
                    .map(subject -> decide(subject, now))
                    .orElse(Plan.NOTHING);
        }

        private Plan decide(Subject subject, Instant now) {
            boolean flipRefused = refusals.containsKey(Resource.POD);
            Plan cut = IncidentDecision.cut(subject.incident(), subject.pod(), now);
            if (!cut.isEmpty() && !flipRefused) {
                return cut;
            }
            Optional<ObservedIncident> observed = observed(subject, cut);
            if (observed.isEmpty()) {
                return sooner(cut.wakeUp(), now.plus(WHILE_CONNECTED));
            }
            ObservedIncident known = observed.get().without(refusals).stopping(stops);
            stops = known.denyList().stops();
            Plan plan = IncidentDecision.decide(known, now);
            return plan.isEmpty() && flipRefused ? sooner(plan.wakeUp(), now.plus(Rounds.AFTER_REFUSAL)) : plan;
        }

        @Override
        public boolean learn(List<Result> results) {
            if (results.getLast() instanceof Result.Refused refused && isReported(refused.write())) {
                refusals.put(refused.write().target().resource(), refused.excerpt());
                return true;
            }
            return false;
        }
    }

    /**
     * Empty if it cannot be read now and the pod has to be isolated in a moment, which must not wait for a
     * back-off.
     */
    private Optional<ObservedIncident> observed(Subject subject, Plan cut) {
        try {
            return Optional.of(observer.observe(subject));
        } catch (ApiUnavailableException e) {
            if (cut.isEmpty() && cut.wakeUp().isEmpty()) {
                throw e;
            }
            log.warn("{}: {}", subject.incident().getMetadata().getName(), e.getMessage());
            return Optional.empty();
        }
    }

    private static boolean isReported(Write write) {
        return write instanceof Write.TestedPatch
                || REPORTED.contains(write.target().resource());
    }

    /** Nothing to write, and another check at this time at the latest. */
    private static Plan sooner(Optional<Instant> wakeUp, Instant latest) {
        return Plan.of(
                List.of(),
                Optional.of(wakeUp.filter(due -> due.isBefore(latest)).orElse(latest)));
    }

    /** Beside the pod, or where it was opened because the pod's namespace was being deleted. */
    private Set<ResourceID> incidentsOf(Pod pod) {
        String name = IncidentNames.incident(
                pod.getMetadata().getName(), pod.getMetadata().getUid());
        return Stream.of(pod.getMetadata().getNamespace(), operatorNamespace)
                .map(namespace -> new ResourceID(name, namespace))
                .collect(Collectors.toUnmodifiableSet());
    }
}
