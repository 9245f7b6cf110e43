package dev.cleanroom.operator.environment;

import dev.cleanroom.operator.environment.resources.ForeignPolicy;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The foreign policies of namespaces: as the cache has them, and of a namespace that this process has not found clean yet as
 * the server does. From then on the guard rail lets no more in, so that the cache is enough.
 */
final class ForeignPolicies {
    private final Api api;
    private final Set<String> foundClean = ConcurrentHashMap.newKeySet();

    ForeignPolicies(Api api) {
        this.api = api;
    }

    /** Their names, in order. */
    List<String> in(String namespace, Known known) {
        if (known.namespaceLabels(namespace).isEmpty()) {
            // Anybody may add one until it is opened again.
            foundClean.remove(namespace);
            return List.of();
        }
        List<String> cached = names(known.foreignPolicies(namespace));
        if (!cached.isEmpty() || foundClean.contains(namespace)) {
            return cached;
        }
        String operatorNamespace = known.installation().namespace();
        List<String> stored =
                names(api.list(Resource.NETWORK_POLICY, namespace, "", NetworkPolicy.class).orElseThrow().stream()
                        .filter(policy -> ForeignPolicy.is(policy, operatorNamespace))
                        .toList());
        if (stored.isEmpty()) {
            foundClean.add(namespace);
        }
        return stored;
    }

    private static List<String> names(Collection<NetworkPolicy> policies) {
        return policies.stream()
                .map(policy -> policy.getMetadata().getName())
                .sorted()
                .toList();
    }
}
