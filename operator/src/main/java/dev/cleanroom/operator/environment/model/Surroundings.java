package dev.cleanroom.operator.environment.model;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.operator.network.Canaries;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an environment depends on and does not own.
 *
 * @param namespaceLabels of its namespace; empty when that is not open for builds
 * @param classes every class of the cluster
 * @param images what is known of the images of spec and pods
 * @param network what a pod's network rests on
 * @param evidenceBudget the namespace's disruption budget for evidence is stored
 * @param apiAudiences what the API server is known to call itself
 * @param trustBundleMissing the class names a trust bundle and the namespace has no such ConfigMap
 */
public record Surroundings(
        Optional<Map<String, String>> namespaceLabels,
        List<BuildEnvironmentClass> classes,
        ImageVerdicts images,
        Network network,
        boolean evidenceBudget,
        Set<String> apiAudiences,
        boolean trustBundleMissing) {

    /**
     * What a pod's network rests on, and the proof that it does.
     *
     * @param denyAll the namespace's deny-all policy
     * @param beacon the namespace's beacon policy is stored
     * @param foreign the names of the namespace's network policies that are not ours and open build pods
     */
    public record Network(DenyAll denyAll, boolean beacon, Canaries canaries, List<String> foreign) {}

    public DenyAll denyAll() {
        return network.denyAll();
    }

    public Canaries canaries() {
        return network.canaries();
    }

    /** Whether the namespace's deny-all policy is stored, as far as is known. */
    public enum DenyAll {
        ABSENT,
        /** Being deleted: no pod is made until it is gone and made again. */
        TERMINATING,
        /** A cache shows it, which may be one that went with a former namespace of the name. */
        STORED,
        /** The server said so, in this run. */
        CONFIRMED
    }
}
