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
 * Takes deny-all and beacon out of all namespaces, for when the operator leaves for good: nobody else may, and deny-all's
 * finalizer would hold its namespace for ever. Not while a build pod is left anywhere.
 */
public final class Removal {
    private static final Set<String> OURS = Set.of(Names.DENY_ALL, Names.BEACON);

    /** By their values: the egress policies, one an environment, have the label too. */
    private static final List<String> SELECTORS = Stream.of(Names.COMPONENT_DENY_ALL, Names.COMPONENT_BEACON)
            .map(component -> CleanroomApi.COMPONENT_LABEL + "=" + component)
            .toList();

    private final Api api;
    private final DenyAllReconciler reconciler;

    public Removal(Api api, DenyAllReconciler reconciler) {
        this.api = api;
        this.reconciler = reconciler;
    }

    /** What one look found. */
    public sealed interface Outcome {
        /** No policy is left. */
        record Done() implements Outcome {}

        /** Policies are being deleted: look again. */
        record Going() implements Outcome {}

        /** @param namespaces that have build pods; nothing was changed */
        record InUse(List<String> namespaces) implements Outcome {}
    }

    public Outcome look() {
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
            return new Outcome.InUse(inUse);
        }
        policies.forEach(this::remove);
        return policies.isEmpty() ? new Outcome.Done() : new Outcome.Going();
    }

    /** Deleted first, which keeps new pods from being made; released when there is none even then. */
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
