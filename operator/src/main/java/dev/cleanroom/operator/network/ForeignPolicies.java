package dev.cleanroom.operator.network;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Finds the foreign policies of a namespace, in the cache. Until this process has once found a namespace without any,
 * it also asks the server. From then on the guard rail refuses new ones, so the cache is enough.
 */
public final class ForeignPolicies {
    private final Stored stored;

    /** Name to uid: a namespace that was deleted and created again under its name is another one. */
    private final Map<String, String> foundClean = new ConcurrentHashMap<>();

    /** Reads every network policy of a namespace from the server. */
    public interface Stored {
        List<NetworkPolicy> in(String namespace);
    }

    public ForeignPolicies(Stored stored) {
        this.stored = stored;
    }

    /**
     * The names of the foreign policies, sorted.
     *
     * @param uid the namespace's uid; empty while the namespace is not open for builds
     */
    public List<String> in(
            String namespace, Optional<String> uid, List<NetworkPolicy> cached, String operatorNamespace) {
        if (uid.isEmpty()) {
            // Until the namespace is opened again, no guard rail keeps people from adding one.
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
