package dev.cleanroom.operator.network;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Removes the policies deny-all and beacon from all namespaces before the chart is uninstalled: nobody else may remove
 * them, and deny-all's finalizer would block the deletion of its namespace forever. It removes nothing while any build
 * pod is left.
 */
public final class Removal {
    private static final Set<String> OURS = Set.of(Names.DENY_ALL, Names.BEACON);

    /** Selects by the label's values, because every environment's egress policy has the label too. */
    private static final List<String> SELECTORS = Stream.of(Names.COMPONENT_DENY_ALL, Names.COMPONENT_BEACON)
            .map(component -> CleanroomApi.COMPONENT_LABEL + "=" + component)
            .toList();

    private final Api api;
    private final DenyAllReconciler reconciler;

    public Removal(Api api, DenyAllReconciler reconciler) {
        this.api = api;
        this.reconciler = reconciler;
    }

    /** How far the removal is. */
    public sealed interface RemovalState {
        /** No policy is left. */
        record Done() implements RemovalState {}

        /** Policies are being deleted: call again. */
        record Going() implements RemovalState {}

        /** @param namespaces the namespaces that still have build pods; nothing was changed */
        record InUse(List<String> namespaces) implements RemovalState {}
    }

    public RemovalState look() {
        List<NetworkPolicy> policies = SELECTORS.stream()
                .flatMap(selector ->
                        api.list(Resource.NETWORK_POLICY, null, selector, NetworkPolicy.class).orElseThrow().stream())
                .filter(policy -> OURS.contains(policy.getMetadata().getName()))
                .toList();
        List<String> inUse = policies.stream()
                .map(policy -> policy.getMetadata().getNamespace())
                .distinct()
                .filter(namespace -> api.anyExists(Resource.POD, namespace, CleanroomApi.ENVIRONMENT_LABEL))
                .sorted()
                .toList();
        if (!inUse.isEmpty()) {
            return new RemovalState.InUse(inUse);
        }
        policies.forEach(this::remove);
        return policies.isEmpty() ? new RemovalState.Done() : new RemovalState.Going();
    }

    /**
     * Deletes the policy, after which no new pods are created. Its finalizer is removed when there is no pod even then.
     */
    private void remove(NetworkPolicy policy) {
        var metadata = policy.getMetadata();
        if (metadata.getDeletionTimestamp() == null) {
            var key = new ObjectKey(Resource.NETWORK_POLICY, metadata.getNamespace(), metadata.getName());
            api.delete(key, metadata.getUid(), metadata.getResourceVersion());
        } else {
            reconciler.run(policy);
        }
    }
}
