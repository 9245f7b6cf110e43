package dev.cleanroom.operator.incident;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.incident.resources.OpenedIncident;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.WarningEvent;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Rounds;
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens the one incident of each pod that is past active (I4). Its name is the idempotency key, in the pod's
 * namespace. In a namespace that is being deleted nothing can be created, and a name proves nothing either, so the
 * stored incidents are read first.
 */
@ControllerConfiguration(
        name = IncidentOpener.NAME,
        // A pod that was already being deleted when it was isolated is evidence like any other.
        triggerReconcilerOnAllEvents = true,
        generationAwareEventProcessing = false,
        informer = @Informer(labelSelector = HeldPods.SELECTOR))
public final class IncidentOpener implements Reconciler<Pod> {
    public static final String NAME = "incident-opener";

    private static final int FORBIDDEN = 403;

    private final Api api;
    private final Executor executor;
    private final Clock clock;
    private final String operatorNamespace;
    /** By the pod's uid. */
    private final Map<String, String> refusals = new ConcurrentHashMap<>();

    public IncidentOpener(Api api, Executor executor, Clock clock, String operatorNamespace) {
        this.api = api;
        this.executor = executor;
        this.clock = clock;
        this.operatorNamespace = operatorNamespace;
    }

    @Override
    public UpdateControl<Pod> reconcile(Pod pod, Context<Pod> context) {
        UpdateControl<Pod> control = UpdateControl.noUpdate();
        if (context.isPrimaryResourceDeleted()) {
            refusals.remove(pod.getMetadata().getUid());
            return control;
        }
        return open(pod).map(control::rescheduleAfter).orElse(control);
    }

    /** Why a held pod has no incident, in the API server's words; empty if nothing refused it. */
    public Optional<String> refusal(String podUid) {
        return Optional.ofNullable(refusals.get(podUid));
    }

    /** @return when to check again; empty if there is an incident, or if there must be none */
    public Optional<Duration> open(Pod pod) {
        if (isTakenOver(pod) || !HeldPods.isBuildPod(pod)) {
            return Optional.empty();
        }
        long startOfDecision = executor.startOfDecision();
        Result result = executor.carryOut(opening(pod, pod.getMetadata().getNamespace()), startOfDecision)
                .getLast();
        if (isNamespaceGoing(result)) {
            if (isOpened(pod)) {
                return Optional.empty();
            }
            result = executor.carryOut(opening(pod, operatorNamespace), startOfDecision)
                    .getLast();
        }
        report(pod, result, startOfDecision);
        return Rounds.after(result);
    }

    private void report(Pod pod, Result result, long startOfDecision) {
        String uid = pod.getMetadata().getUid();
        if (result instanceof Result.Done) {
            refusals.remove(uid);
            return;
        }
        if (!(result instanceof Result.Refused refused) || refused.excerpt().equals(refusals.get(uid))) {
            return;
        }
        // A later report of the same cause, for example of the next leader, has the same name and is not stored again.
        Event event = new WarningEvent(
                        WarningEvent.about(pod),
                        Reasons.INCIDENT_REFUSED,
                        "OpenIncident",
                        "The pod is quarantined and held, and the API server refuses its BuildIncident: "
                                + refused.excerpt())
                .at(clock.instant(), List.of(uid, refused.excerpt()));
        List<Result> unused = executor.carryOut(
                Plan.of(
                        List.of(new Write.Create(WarningEvent.key(event), event, Reasons.INCIDENT_REFUSED)),
                        Optional.empty()),
                startOfDecision);
        refusals.put(uid, refused.excerpt());
    }

    private static Plan opening(Pod pod, String namespace) {
        BuildIncident incident = OpenedIncident.of(pod, namespace);
        return Plan.of(
                List.of(new Write.Create(
                        new ObjectKey(
                                Resource.BUILD_INCIDENT,
                                namespace,
                                incident.getMetadata().getName()),
                        incident,
                        "PodQuarantined")),
                Optional.empty());
    }

    private boolean isOpened(Pod pod) {
        String namespace = pod.getMetadata().getNamespace();
        String name = OpenedIncident.of(pod, namespace).getMetadata().getName();
        return IncidentObserver.get(api, new ObjectKey(Resource.BUILD_INCIDENT, namespace, name), BuildIncident.class)
                .isPresent();
    }

    /** An incident owns the pod, so there is one. */
    private static boolean isTakenOver(Pod pod) {
        return pod.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> owner.getKind().equals("BuildIncident"));
    }

    private static boolean isNamespaceGoing(Result result) {
        return result instanceof Result.Refused refused
                && refused.code() == FORBIDDEN
                && refused.message().contains("being terminated");
    }
}
