package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.record.RunObservation;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a process knows without asking the API server: its caches, each as current as its watch. */
public interface Known {

    Collection<Pod> pods(BuildEnvironment environment);

    /** Every build pod of every environment. */
    Stream<Pod> allPods();

    Optional<NetworkPolicy> policy(String namespace, String name);

    /** The network policies in the namespace that Cleanroom did not create and that open build pods. */
    List<NetworkPolicy> foreignPolicies(String namespace);

    Optional<ServiceAccount> account(String namespace, String name);

    Collection<BuildIncident> incidents(BuildEnvironment environment);

    Optional<BuildIncident> incident(String namespace, String name);

    /** Why a held pod has no incident, in the API server's words; empty if nothing refused it. */
    Optional<String> incidentRefusal(String podUid);

    Optional<PodDisruptionBudget> budget(String namespace, String name);

    /**
     * The metadata of a namespace; empty if it is not open for builds. A namespace that was deleted and created
     * again has another uid.
     */
    Optional<ObjectMeta> openNamespace(String namespace);

    List<BuildEnvironmentClass> classes();

    List<TrustPolicy> trustPolicies();

    Installation installation();

    /** Why no pod may be created preparing yet, as a sentence; empty if the guard rails that know such pods are in force. */
    Optional<String> preparingNotReady();

    /** The canary pods, ready or not. */
    Collection<Pod> canaries();

    /** The ConfigMaps of the operator's own namespace. */
    ConfigMaps configMaps();

    /** The records of the environment's runs, without what they have observed. */
    Collection<BuildRecord> records(BuildEnvironment environment);

    /**
     * What was observed of an ended run of the environment, and how it was judged; empty while its log is read, whose end
     * wakes the environment.
     *
     * @param knownGood the record of the run with which it is compared; empty if there is none yet
     */
    Optional<RunObservation> observation(BuildEnvironment environment, BuildPod pod, Optional<String> knownGood);

    /** Reconciles the environment again, because an answer has arrived: a decision on an image, or what was observed of a run. */
    void wake(BuildEnvironment environment);
}
