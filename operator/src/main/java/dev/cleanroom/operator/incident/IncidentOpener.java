package dev.cleanroom.operator.incident;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.operator.incident.resources.OpenedIncident;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Rounds;
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
    private final String operatorNamespace;

    public IncidentOpener(Api api, Executor executor, String operatorNamespace) {
        this.api = api;
        this.executor = executor;
        this.operatorNamespace = operatorNamespace;
    }

    @Override
    public UpdateControl<Pod> reconcile(Pod pod, Context<Pod> context) {
        UpdateControl<Pod> control = UpdateControl.noUpdate();
        return context.isPrimaryResourceDeleted()
                ? control
                : open(pod).map(control::rescheduleAfter).orElse(control);
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
        return Rounds.after(result);
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
