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
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        if (context.isPrimaryResourceDeleted()) {
            return UpdateControl.noUpdate();
        }
        long startOfDecision = executor.startOfDecision();
        boolean leaving = policy.getMetadata().getDeletionTimestamp() != null;
        boolean podsLeft = leaving
                && api.anyExists(Resource.POD, policy.getMetadata().getNamespace(), CleanroomApi.ENVIRONMENT_LABEL);
        executor.carryOut(decide(policy, podsLeft), startOfDecision);
        UpdateControl<NetworkPolicy> control = UpdateControl.noUpdate();
        return leaving ? control.rescheduleAfter(LOOK_AGAIN) : control;
    }

    static Plan decide(NetworkPolicy policy, boolean podsLeft) {
        if (!policy.getMetadata().getName().equals(Names.DENY_ALL)) {
            // Somebody gave our label to a policy of theirs: not ours to change.
            return Plan.NOTHING;
        }
        if (policy.getMetadata().getDeletionTimestamp() != null) {
            boolean held = policy.getMetadata().getFinalizers().contains(DenyAllPolicy.FINALIZER);
            return podsLeft || !held ? Plan.NOTHING : one(policy, withoutFinalizer(policy), "NoBuildPodLeft");
        }
        NetworkPolicySpec wanted = DenyAllPolicy.spec();
        if (!Trim.hash(wanted).equals(Trim.hashOf(policy))) {
            return one(policy, Map.of("spec", replacing(wanted)), "DenyAllChanged");
        }
        return policy.getMetadata().getFinalizers().contains(DenyAllPolicy.FINALIZER)
                ? Plan.NOTHING
                : one(policy, withFinalizer(policy), "FinalizerMissing");
    }

    private static Plan one(NetworkPolicy policy, Map<String, Object> body, String reason) {
        var key = new ObjectKey(
                Resource.NETWORK_POLICY,
                policy.getMetadata().getNamespace(),
                policy.getMetadata().getName());
        return Plan.of(List.of(new Write.Patch(key, Write.Seen.of(policy), body, reason)), Optional.empty());
    }

    /** A merge patch leaves what it does not name: what others may have added is named, and null. */
    private static Map<String, Object> replacing(NetworkPolicySpec wanted) {
        var spec = new LinkedHashMap<String, Object>();
        var selector = new LinkedHashMap<String, Object>();
        selector.put("matchLabels", null);
        selector.put("matchExpressions", wanted.getPodSelector().getMatchExpressions());
        spec.put("podSelector", selector);
        spec.put("policyTypes", wanted.getPolicyTypes());
        spec.put("ingress", null);
        spec.put("egress", null);
        return spec;
    }

    private static Map<String, Object> withoutFinalizer(NetworkPolicy policy) {
        return Map.of(
                "metadata",
                Map.of(
                        "finalizers",
                        policy.getMetadata().getFinalizers().stream()
                                .filter(finalizer -> !finalizer.equals(DenyAllPolicy.FINALIZER))
                                .toList()));
    }

    private static Map<String, Object> withFinalizer(NetworkPolicy policy) {
        var finalizers = new ArrayList<>(policy.getMetadata().getFinalizers());
        finalizers.add(DenyAllPolicy.FINALIZER);
        return Map.of("metadata", Map.of("finalizers", finalizers));
    }
}
