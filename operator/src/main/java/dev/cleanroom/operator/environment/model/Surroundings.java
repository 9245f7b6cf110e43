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
 * @param namespaceLabels the labels of its namespace; empty if that is not open for builds
 * @param classes every class of the cluster
 * @param images what is known about the images of spec and pods
 * @param network what a pod's network depends on
 * @param evidenceBudget whether the namespace's disruption budget for evidence is stored
 * @param apiAudiences the known audiences of the API server
 * @param trustBundleMissing whether the class names a trust bundle and the namespace has no such ConfigMap
 * @param preparingNotReady why no pod may be created preparing yet, as a sentence; empty if the guard rails that know such pods are in force
 */
public record Surroundings(
        Optional<Map<String, String>> namespaceLabels,
        List<BuildEnvironmentClass> classes,
        ImageDecisions images,
        Network network,
        boolean evidenceBudget,
        Set<String> apiAudiences,
        boolean trustBundleMissing,
        Optional<String> preparingNotReady) {

    /**
     * What a pod's network depends on.
     *
     * @param denyAll the namespace's deny-all policy
     * @param beacon whether the namespace's beacon policy is stored
     * @param foreign the names of the network policies in the namespace that Cleanroom did not create and that open
     *     build pods
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
        /** It is being deleted: no pod is created until it was deleted and created again. */
        TERMINATING,
        /** Another policy has its name, or its spec was changed: no pod is created. */
        TAKEN,
        /** A cache shows it; it may have belonged to a former namespace of the same name. */
        STORED,
        /** The API server confirmed it in this run. */
        CONFIRMED
    }
}
