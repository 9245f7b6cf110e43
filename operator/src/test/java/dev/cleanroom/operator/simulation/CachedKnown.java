package dev.cleanroom.operator.simulation;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.environment.Installation;
import dev.cleanroom.operator.environment.Known;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.network.ForeignPolicy;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.record.RunObservation;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What the caches of one operator process know, for the reconcilers that ask. */
final class CachedKnown implements Known {
    /** The caches that reconcilers read, one a kind. */
    record Watches(Watch pods, Watch policies, Watch accounts, Watch incidents, Watch budgets, Watch records) {}

    private final Watches watches;
    private final ApiServer server;
    private final Supplier<List<Pod>> canaries;
    private final Consumer<ObjectKey> wake;
    private final Set<String> logsRead = new HashSet<>();

    /** @param wake reconciles an environment again */
    CachedKnown(Watches watches, ApiServer server, Supplier<List<Pod>> canaries, Consumer<ObjectKey> wake) {
        this.watches = watches;
        this.server = server;
        this.canaries = canaries;
        this.wake = wake;
    }

    @Override
    public Stream<Pod> allPods() {
        return Stream.of();
    }

    /** Images are decided by their digests alone here: what lags is what is simulated. */
    @Override
    public List<TrustPolicy> trustPolicies() {
        return List.of();
    }

    @Override
    public Installation installation() {
        return new Installation(OperatorUnderTest.OWN_NAMESPACE, Manifests.TOOLS_IMAGE);
    }

    @Override
    public Optional<String> preparingNotReady() {
        return Optional.empty();
    }

    @Override
    public Collection<Pod> canaries() {
        return canaries.get();
    }

    @Override
    public ConfigMaps configMaps() {
        return ConfigMaps.NONE;
    }

    @Override
    public Collection<Pod> pods(BuildEnvironment environment) {
        return of(watches.pods(), environment, Pod.class);
    }

    @Override
    public Optional<NetworkPolicy> policy(String namespace, String name) {
        return find(watches.policies(), namespace, name, NetworkPolicy.class);
    }

    @Override
    public List<NetworkPolicy> foreignPolicies(String namespace) {
        return watches.policies().all().stream()
                .filter(it -> it.key().namespace().equals(namespace))
                .map(it -> it.as(NetworkPolicy.class))
                .filter(policy -> ForeignPolicy.is(policy, OperatorUnderTest.OWN_NAMESPACE))
                .toList();
    }

    @Override
    public Optional<ServiceAccount> account(String namespace, String name) {
        return find(watches.accounts(), namespace, name, ServiceAccount.class);
    }

    @Override
    public Collection<BuildIncident> incidents(BuildEnvironment environment) {
        return of(watches.incidents(), environment, BuildIncident.class);
    }

    @Override
    public Optional<BuildIncident> incident(String namespace, String name) {
        return find(watches.incidents(), namespace, name, BuildIncident.class);
    }

    @Override
    public Optional<String> incidentRefusal(String podUid) {
        return Optional.empty();
    }

    @Override
    public Collection<BuildRecord> records(BuildEnvironment environment) {
        return of(watches.records(), environment, BuildRecord.class);
    }

    /** As in the product, the first question starts the reading of the log, and its end wakes the environment. */
    @Override
    public Optional<RunObservation> observation(
            BuildEnvironment environment, BuildPod pod, Optional<String> knownGood) {
        if (logsRead.add(pod.id().precondition().uid())) {
            wake.accept(new ObjectKey(
                    Resource.BUILD_ENVIRONMENT,
                    environment.getMetadata().getNamespace(),
                    environment.getMetadata().getName()));
            return Optional.empty();
        }
        return Optional.of(RunObservation.ofEndingPod());
    }

    @Override
    public Optional<PodDisruptionBudget> budget(String namespace, String name) {
        return find(watches.budgets(), namespace, name, PodDisruptionBudget.class);
    }

    /** Not lagging: what it guards, the server refuses by itself. */
    @Override
    public Optional<ObjectMeta> openNamespace(String namespace) {
        return server.namespaces()
                .uid(namespace)
                .map(uid -> new ObjectMetaBuilder()
                        .withName(namespace)
                        .withUid(uid)
                        .addToLabels(CleanroomApi.BUILDS_LABEL, CleanroomApi.BUILDS_ENABLED)
                        .build());
    }

    @Override
    public List<BuildEnvironmentClass> classes() {
        return server.all(Resource.BUILD_ENVIRONMENT_CLASS).stream()
                .map(it -> it.as(BuildEnvironmentClass.class))
                .toList();
    }

    @Override
    public void wake(BuildEnvironment environment) {
        throw new IllegalStateException("decisions on images are made at once here");
    }

    private static <T extends HasMetadata> List<T> of(Watch watch, BuildEnvironment environment, Class<T> type) {
        return watch.all().stream()
                .filter(it ->
                        environment.getMetadata().getNamespace().equals(it.key().namespace()))
                .filter(it -> it.label(CleanroomApi.ENVIRONMENT_LABEL)
                        .equals(environment.getMetadata().getName()))
                .map(it -> it.as(type))
                .toList();
    }

    private static <T extends HasMetadata> Optional<T> find(Watch watch, String namespace, String name, Class<T> type) {
        return watch.find(new ObjectKey(watch.resource(), namespace, name)).map(it -> it.as(type));
    }
}
