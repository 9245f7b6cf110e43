package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a process knows without asking: its caches, each as far behind the API server as its watch is. */
public interface Known {

    Collection<Pod> pods(BuildEnvironment environment);

    /** Every build pod of every environment. */
    Stream<Pod> allPods();

    Optional<NetworkPolicy> policy(String namespace, String name);

    /** Of other names and other hands, those of the namespace that open build pods. */
    List<NetworkPolicy> foreignPolicies(String namespace);

    Optional<ServiceAccount> account(String namespace, String name);

    Collection<BuildIncident> incidents(BuildEnvironment environment);

    Optional<BuildIncident> incident(String namespace, String name);

    Optional<PodDisruptionBudget> budget(String namespace, String name);

    /** Empty when the namespace is not open for builds. */
    Optional<Map<String, String>> namespaceLabels(String namespace);

    /** Empty when the namespace is not open for builds. One that is made again under its name has another. */
    Optional<String> namespaceUid(String namespace);

    List<BuildEnvironmentClass> classes();

    List<TrustPolicy> trustPolicies();

    Installation installation();

    /** The canary pods, ready or not. */
    Collection<Pod> canaries();

    /** Those of the operator's own namespace. */
    ConfigMaps configMaps();

    /** An image decision came in: look at the environment again. */
    void wake(BuildEnvironment environment);
}
