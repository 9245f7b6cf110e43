package dev.cleanroom.operator.network;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.Trim;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Rounds;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.Names;
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
 * Keeps a namespace's policies deny-all and beacon as they should be. It removes deny-all's finalizer only when the
 * policy is being deleted and no build pod is left: neither the garbage collector nor a deleted namespace opens the
 * network of a pod that still runs (I1).
 */
@ControllerConfiguration(
        name = DenyAllReconciler.NAME,
        // Without this, the SDK skips objects that are being deleted, unless the SDK itself manages a finalizer on
        // them.
        triggerReconcilerOnAllEvents = true,
        informer =
                @Informer(
                        labelSelector = CleanroomApi.COMPONENT_LABEL + " in (" + Names.COMPONENT_DENY_ALL + ","
                                + Names.COMPONENT_BEACON + ")"))
public final class DenyAllReconciler implements Reconciler<NetworkPolicy> {
    public static final String NAME = "deny-all";

    /** This controller gets no event when the last build pod ends: it keeps no pods in memory for so rare a case. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    private final Api api;
    private final Executor executor;
    private final String operatorNamespace;

    /** @param operatorNamespace the namespace of the canaries */
    public DenyAllReconciler(Api api, Executor executor, String operatorNamespace) {
        this.api = api;
        this.executor = executor;
        this.operatorNamespace = operatorNamespace;
    }

    @Override
    public UpdateControl<NetworkPolicy> reconcile(NetworkPolicy policy, Context<NetworkPolicy> context) {
        UpdateControl<NetworkPolicy> control = UpdateControl.noUpdate();
        if (context.isPrimaryResourceDeleted()) {
            gone(policy);
            return control;
        }
        return run(policy).map(control::rescheduleAfter).orElse(control);
    }

    /**
     * Creates deny-all again if somebody else removed its finalizer while build pods are left (I1).
     *
     * @throws ApiUnavailableException if it was not created: after a deletion, the SDK tries again only what was thrown
     */
    public void gone(NetworkPolicy policy) {
        long startOfDecision = executor.startOfDecision();
        String namespace = policy.getMetadata().getNamespace();
        if (policy.getMetadata().getName().equals(Names.DENY_ALL)
                && api.anyExists(Resource.POD, namespace, CleanroomApi.ENVIRONMENT_LABEL)) {
            var again = new Write.Create(
                    new ObjectKey(Resource.NETWORK_POLICY, namespace, Names.DENY_ALL),
                    DenyAllPolicy.build(namespace),
                    "BuildPodsLeft");
            Rounds.once(executor, Plan.of(List.of(again), Optional.empty()), startOfDecision)
                    .ifPresent(wait -> {
                        throw new ApiUnavailableException(
                                "deny-all is missing in namespace " + namespace
                                        + ", which has build pods, and could not be created again",
                                null);
                    });
        }
    }

    /** @return after how long to run again; empty when the policy is as it should be */
    public Optional<Duration> run(NetworkPolicy policy) {
        long startOfDecision = executor.startOfDecision();
        boolean leaving = policy.getMetadata().getDeletionTimestamp() != null;
        boolean podsLeft = leaving
                && api.anyExists(Resource.POD, policy.getMetadata().getNamespace(), CleanroomApi.ENVIRONMENT_LABEL);
        Optional<Duration> again = Rounds.once(executor, decide(policy, podsLeft, operatorNamespace), startOfDecision);
        return leaving ? Optional.of(LOOK_AGAIN) : again;
    }

    static Plan decide(NetworkPolicy policy, boolean podsLeft, String operatorNamespace) {
        return switch (policy.getMetadata().getName()) {
            case Names.DENY_ALL -> denyAll(policy, podsLeft);
            // The beacon policy has no finalizer: without the policy, a gate fails and opens nothing.
            case Names.BEACON -> spec(policy, BeaconPolicy.spec(operatorNamespace), "BeaconChanged");
            // Somebody set our label on another policy, which Cleanroom does not change.
            default -> Plan.NOTHING;
        };
    }

    private static Plan denyAll(NetworkPolicy policy, boolean podsLeft) {
        boolean held = policy.getMetadata().getFinalizers().contains(DenyAllPolicy.FINALIZER);
        if (policy.getMetadata().getDeletionTimestamp() != null) {
            return podsLeft || !held ? Plan.NOTHING : one(policy, finalizers(withoutOurs(policy)), "NoBuildPodLeft");
        }
        Plan spec = spec(policy, DenyAllPolicy.spec(), "DenyAllChanged");
        if (!spec.isEmpty() || held) {
            return spec;
        }
        return one(
                policy,
                finalizers(Stream.concat(withoutOurs(policy).stream(), Stream.of(DenyAllPolicy.FINALIZER))
                        .toList()),
                "FinalizerMissing");
    }

    private static Plan spec(NetworkPolicy policy, NetworkPolicySpec wanted, String reason) {
        return policy.getMetadata().getDeletionTimestamp() != null
                        || Trim.hash(wanted).equals(Trim.hashOf(policy))
                ? Plan.NOTHING
                : one(policy, Map.of("/spec", wanted), reason);
    }

    private static Plan one(NetworkPolicy policy, Map<String, Object> values, String reason) {
        var key = new ObjectKey(
                Resource.NETWORK_POLICY,
                policy.getMetadata().getNamespace(),
                policy.getMetadata().getName());
        return Plan.of(List.of(new Write.Patch(key, Write.Precondition.of(policy), values, reason)), Optional.empty());
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
