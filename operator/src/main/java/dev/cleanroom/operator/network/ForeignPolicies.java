package dev.cleanroom.operator.network;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The foreign policies of namespaces: as the cache has them, and of a namespace that this process has not found clean yet as
 * the server does. From then on the guard rail lets no more in, so that the cache is enough.
 */
public final class ForeignPolicies {
    private final Stored stored;

    /** Name to uid: one that is made again under its name is another namespace. */
    private final Map<String, String> foundClean = new ConcurrentHashMap<>();

    /** Every network policy of a namespace, as the server has them now. */
    public interface Stored {
        List<NetworkPolicy> in(String namespace);
    }

    public ForeignPolicies(Stored stored) {
        this.stored = stored;
    }

    /**
     * Their names, in order.
     *
     * @param uid of the namespace; empty while that is not open for builds
     */
    public List<String> in(
            String namespace, Optional<String> uid, List<NetworkPolicy> cached, String operatorNamespace) {
        if (uid.isEmpty()) {
            // Anybody may add one until it is opened again.
            foundClean.remove(namespace);
            return List.of();
        }
        if (!cached.isEmpty() || uid.get().equals(foundClean.get(namespace))) {
            return names(cached.stream());
        }
        List<String> names =
                names(stored.in(namespace).stream().filter(policy -> ForeignPolicy.is(policy, operatorNamespace)));
        if (names.isEmpty()) {
            foundClean.put(namespace, uid.get());
        }
        return names;
    }

    private static List<String> names(Stream<NetworkPolicy> policies) {
        return policies.map(policy -> policy.getMetadata().getName()).sorted().toList();
    }
}
