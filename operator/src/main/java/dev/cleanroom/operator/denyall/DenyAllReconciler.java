package dev.cleanroom.operator.denyall;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.environment.resources.DenyAllPolicy;
import dev.cleanroom.operator.environment.resources.Names;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.Trim;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Keeps a namespace's deny-all as it should be, and takes its finalizer off only when it is being deleted and no build
 * pod is left: neither the garbage collector nor a deleted namespace opens a pod that still runs (I1).
 */
@ControllerConfiguration(
        name = DenyAllReconciler.NAME,
        // Without it the SDK skips what is being deleted, unless it manages a finalizer of its own.
        triggerReconcilerOnAllEvents = true,
        informer = @Informer(labelSelector = CleanroomApi.COMPONENT_LABEL + "=" + Names.COMPONENT_DENY_ALL))
public final class DenyAllReconciler implements Reconciler<NetworkPolicy> {
    public static final String NAME = "deny-all";

    /** The last build pod's end is no event of this controller, which keeps no pods in memory for so rare a case. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    private final Api api;
    private final Executor executor;

    public DenyAllReconciler(Api api, Executor executor) {
        this.api = api;
        this.executor = executor;
    }

    @Override
    public UpdateControl<NetworkPolicy> reconcile(NetworkPolicy policy, Context<NetworkPolicy> context) {
        UpdateControl<NetworkPolicy> control = UpdateControl.noUpdate();
        return context.isPrimaryResourceDeleted()
                ? control
                : run(policy).map(control::rescheduleAfter).orElse(control);
    }

    /** @return after how long to look again; empty when it is as it must be */
    public Optional<Duration> run(NetworkPolicy policy) {
        long startOfDecision = executor.startOfDecision();
        boolean leaving = policy.getMetadata().getDeletionTimestamp() != null;
        boolean podsLeft = leaving
                && api.anyExists(Resource.POD, policy.getMetadata().getNamespace(), CleanroomApi.ENVIRONMENT_LABEL);
        boolean done = executor.carryOut(decide(policy, podsLeft), startOfDecision).stream()
                .allMatch(Result.Done.class::isInstance);
        return leaving || !done ? Optional.of(LOOK_AGAIN) : Optional.empty();
    }

    static Plan decide(NetworkPolicy policy, boolean podsLeft) {
        if (!policy.getMetadata().getName().equals(Names.DENY_ALL)) {
            // Somebody gave our label to a policy of theirs: not ours to change.
            return Plan.NOTHING;
        }
        if (policy.getMetadata().getDeletionTimestamp() != null) {
            boolean held = policy.getMetadata().getFinalizers().contains(DenyAllPolicy.FINALIZER);
            return podsLeft || !held ? Plan.NOTHING : one(policy, finalizers(withoutOurs(policy)), "NoBuildPodLeft");
        }
        NetworkPolicySpec wanted = DenyAllPolicy.spec();
        if (!Trim.hash(wanted).equals(Trim.hashOf(policy))) {
            return one(policy, Map.of("/spec", wanted), "DenyAllChanged");
        }
        return policy.getMetadata().getFinalizers().contains(DenyAllPolicy.FINALIZER)
                ? Plan.NOTHING
                : one(
                        policy,
                        finalizers(Stream.concat(withoutOurs(policy).stream(), Stream.of(DenyAllPolicy.FINALIZER))
                                .toList()),
                        "FinalizerMissing");
    }

    private static Plan one(NetworkPolicy policy, Map<String, Object> values, String reason) {
        var key = new ObjectKey(
                Resource.NETWORK_POLICY,
                policy.getMetadata().getNamespace(),
                policy.getMetadata().getName());
        return Plan.of(List.of(new Write.Patch(key, Write.Seen.of(policy), values, reason)), Optional.empty());
    }

    private static Map<String, Object> finalizers(List<String> finalizers) {
        return Map.of("/metadata/finalizers", finalizers);
    }

    private static List<String> withoutOurs(NetworkPolicy policy) {
        return policy.getMetadata().getFinalizers().stream()
                .filter(finalizer -> !finalizer.equals(DenyAllPolicy.FINALIZER))
                .toList();
    }
}
