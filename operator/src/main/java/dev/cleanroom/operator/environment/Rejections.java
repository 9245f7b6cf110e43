package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.policy.Policy;
import dev.cleanroom.operator.trust.policy.PolicySet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which policies reject an image of which environment, as each environment was last judged. Only this process has
 * it: what it has not judged itself, after a start or a change of a policy, is not counted.
 */
final class Rejections {
    private final Map<String, Judged> byUid = new ConcurrentHashMap<>();

    /** @param policies the fingerprint of the set that judged */
    private record Judged(String policies, Set<Policy.Id> by) {}

    /** @param decisions the decisions on every image of the environment */
    void judged(BuildEnvironment environment, PolicySet policies, Collection<ImageDecision> decisions) {
        Set<Policy.Id> by = decisions.stream()
                .flatMap(decision ->
                        decision instanceof ImageDecision.Rejected rejected ? rejected.by().stream() : Stream.of())
                .collect(Collectors.toSet());
        byUid.put(environment.getMetadata().getUid(), new Judged(policies.fingerprint(), by));
    }

    /**
     * How many environments each usable policy rejects.
     *
     * @param environments all environments
     * @return empty while one of them has not been judged by these policies, since a partial count would be wrong
     */
    Map<Policy.Id, Integer> counted(PolicySet policies, Supplier<Stream<BuildEnvironment>> environments) {
        // Copied before the environments are listed, so that an environment that is judged meanwhile is not removed.
        Set<String> gone = new HashSet<>(byUid.keySet());
        Set<String> there = environments
                .get()
                .map(environment -> environment.getMetadata().getUid())
                .collect(Collectors.toSet());
        gone.removeAll(there);
        gone.forEach(byUid::remove);

        Map<Policy.Id, Integer> counts = new HashMap<>();
        policies.usable().forEach(policy -> counts.put(policy.id(), 0));
        for (String uid : there) {
            Judged judged = byUid.get(uid);
            if (judged == null || !judged.policies().equals(policies.fingerprint())) {
                return Map.of();
            }
            judged.by().forEach(policy -> counts.merge(policy, 1, Integer::sum));
        }
        return counts;
    }
}
