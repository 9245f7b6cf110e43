package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.kube.Clients;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.network.ForeignPolicy;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.GateReport;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.record.RunLogs;
import dev.cleanroom.operator.record.RunObservation;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import dev.cleanroom.operator.trust.policy.References;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The informers of the environment controller, one for each kind, and which environments an event of each wakes.
 * All but the network policies are limited to labelled objects.
 */
final class Caches implements Known {
    /** Foreign policies, by namespace. */
    private static final String FOREIGN = "foreign";

    private final InformerEventSource<Pod, BuildEnvironment> pods;
    private final InformerEventSource<NetworkPolicy, BuildEnvironment> policies;
    private final InformerEventSource<ServiceAccount, BuildEnvironment> accounts;
    private final InformerEventSource<BuildIncident, BuildEnvironment> incidents;
    private final InformerEventSource<BuildRecord, BuildEnvironment> records;
    private final InformerEventSource<PodDisruptionBudget, BuildEnvironment> budgets;
    private final InformerEventSource<Namespace, BuildEnvironment> namespaces;
    private final InformerEventSource<BuildEnvironmentClass, BuildEnvironment> classes;
    private final InformerEventSource<TrustPolicy, BuildEnvironment> trustPolicies;
    private final InformerEventSource<ConfigMap, BuildEnvironment> configMaps;
    private final InformerEventSource<Pod, BuildEnvironment> canaries;
    private final Installation installation;
    private final Elsewhere elsewhere;
    private final SimpleInboundEventSource<BuildEnvironment> answers = new SimpleInboundEventSource<>("answers");

    /** @param gates receives the end of each gate that this process watched */
    Caches(
            EventSourceContext<BuildEnvironment> context,
            Installation installation,
            Consumer<GateReport> gates,
            Elsewhere elsewhere) {
        this.installation = installation;
        this.elsewhere = elsewhere;
        var informers = new Informers(context);
        pods = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, BuildEnvironment.class)
                        .withInformerListLimit(Clients.PAGE)
                        .withLabelSelector(CleanroomApi.ENVIRONMENT_LABEL)
                        .withSecondaryToPrimaryMapper(Informers::environmentOf)
                        // No decision reads about half of the updates of a starting pod. The cache gets all of them.
                        .withOnUpdateFilter((after, before) -> {
                            GateReport.first(before, after).ifPresent(gates);
                            return BuildPod.differ(before, after);
                        })
                        .build(),
                context);
        policies = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(NetworkPolicy.class, BuildEnvironment.class)
                        .withInformerListLimit(Clients.PAGE)
                        // Policies with any label: a foreign policy wakes every environment that it may open, and those
                        // that it no longer opens.
                        .withSecondaryToPrimaryMapper(policy -> Informers.opensOrCloses(policy)
                                ? informers.allIn(policy.getMetadata().getNamespace())
                                : Informers.environmentOf(policy))
                        .build(),
                context);
        policies.addIndexers(Map.of(
                FOREIGN,
                policy -> ForeignPolicy.is(policy, installation.namespace())
                        ? List.of(policy.getMetadata().getNamespace())
                        : List.of()));
        accounts = informers.labelled(
                ServiceAccount.class,
                CleanroomApi.COMPONENT_LABEL + "=" + Names.COMPONENT_IDENTITY,
                Informers::environmentOf);
        incidents = informers.labelled(BuildIncident.class, CleanroomApi.ENVIRONMENT_LABEL, Informers::environmentOf);
        records = informers.records();
        budgets = informers.budgets();
        namespaces = informers.clusterWide(
                Namespace.class,
                CleanroomApi.BUILDS_LABEL + "=" + CleanroomApi.BUILDS_ENABLED,
                namespace -> informers.allIn(namespace.getMetadata().getName()));
        classes = informers.clusterWide(BuildEnvironmentClass.class, null, changed -> informers.all());
        trustPolicies = informers.trustPolicies();
        configMaps = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ConfigMap.class, BuildEnvironment.class)
                        .withNamespaces(Set.of(installation.namespace()))
                        .withPrimaryToSecondaryMapper((BuildEnvironment environment) -> Set.of())
                        .withSecondaryToPrimaryMapper(changed -> isNamedByAPolicy(changed) ? informers.all() : Set.of())
                        .build(),
                context);
        canaries = informers.canaries(installation.namespace());
    }

    List<EventSource<?, BuildEnvironment>> sources() {
        return List.of(
                pods,
                policies,
                accounts,
                incidents,
                records,
                budgets,
                namespaces,
                classes,
                trustPolicies,
                configMaps,
                canaries,
                answers);
    }

    /**
     * Whether the environments and pods that policies reject and deny can be counted: these caches are created when
     * they are started, in parallel with those of other controllers. Environments are known earlier, because their
     * source starts first.
     */
    boolean isStarted() {
        return Stream.of(trustPolicies, configMaps, pods, incidents).allMatch(InformerEventSource::isRunning);
    }

    /** The pods and network policies of a namespace, and the accounts that environments own; empty before they are known. */
    List<HasMetadata> objectsIn(String namespace) {
        return Stream.of(pods, accounts, policies).allMatch(InformerEventSource::isRunning)
                ? Stream.of(pods, accounts, policies)
                        .<HasMetadata>flatMap(source -> source.byIndex(Cache.NAMESPACE_INDEX, namespace).stream())
                        .toList()
                : List.of();
    }

    @Override
    public Collection<Pod> pods(BuildEnvironment environment) {
        return pods.getSecondaryResources(environment);
    }

    @Override
    public Stream<Pod> allPods() {
        return pods.list();
    }

    @Override
    public Optional<NetworkPolicy> policy(String namespace, String name) {
        return policies.get(new ResourceID(name, namespace));
    }

    @Override
    public List<NetworkPolicy> foreignPolicies(String namespace) {
        return policies.byIndex(FOREIGN, namespace);
    }

    @Override
    public Optional<ServiceAccount> account(String namespace, String name) {
        return accounts.get(new ResourceID(name, namespace));
    }

    @Override
    public Collection<BuildIncident> incidents(BuildEnvironment environment) {
        return incidents.getSecondaryResources(environment);
    }

    @Override
    public Optional<BuildIncident> incident(String namespace, String name) {
        return incidents.get(new ResourceID(name, namespace));
    }

    @Override
    public Optional<String> incidentRefusal(String podUid) {
        return elsewhere.incidentRefusals().apply(podUid);
    }

    @Override
    public Collection<BuildRecord> records(BuildEnvironment environment) {
        return records.getSecondaryResources(environment);
    }

    @Override
    public Optional<RunObservation> observation(
            BuildEnvironment environment, BuildPod pod, Optional<String> knownGood) {
        return elsewhere.runLogs().of(RunLogs.Run.of(environment, pod, knownGood), () -> wake(environment));
    }

    @Override
    public Optional<PodDisruptionBudget> budget(String namespace, String name) {
        return budgets.get(new ResourceID(name, namespace));
    }

    @Override
    public Optional<ObjectMeta> openNamespace(String namespace) {
        return namespaces.get(new ResourceID(namespace)).map(Namespace::getMetadata);
    }

    @Override
    public List<BuildEnvironmentClass> classes() {
        return classes.list().toList();
    }

    @Override
    public List<TrustPolicy> trustPolicies() {
        return trustPolicies.list().toList();
    }

    @Override
    public Installation installation() {
        return installation;
    }

    @Override
    public Optional<String> preparingNotReady() {
        return elsewhere.preparingNotReady().get();
    }

    @Override
    public Collection<Pod> canaries() {
        return canaries.list().toList();
    }

    @Override
    public ConfigMaps configMaps() {
        ConfigMaps own = (name, key) -> configMaps
                .get(new ResourceID(name, installation.namespace()))
                .map(ConfigMap::getData)
                .map(data -> data.get(key));
        return own.in(installation.namespace());
    }

    private boolean isNamedByAPolicy(ConfigMap changed) {
        return trustPolicies
                .list()
                .flatMap(policy -> References.of(policy.getSpec()).stream())
                .anyMatch(reference ->
                        reference.name().equals(changed.getMetadata().getName()));
    }

    @Override
    public void wake(BuildEnvironment environment) {
        answers.propagateEvent(ResourceID.fromResource(environment));
    }

    /** Shows what was just written until the watch delivers it. This saves a round; safety does not depend on it. */
    void remember(Result.Done done) {
        HasMetadata stored = done.stored();
        if (stored == null || done.write() instanceof Write.Delete || done.write() instanceof Write.Confirm) {
            return;
        }
        ObjectKey key = done.write().target();
        ResourceID id = new ResourceID(key.name(), key.namespace());
        switch (stored) {
            case Pod pod
            when done.write() instanceof Write.TestedPatch ->
                pods.get(id).ifPresent(cached -> pods.handleRecentResourceUpdate(id, pod, cached));
            case Pod pod -> pods.handleRecentResourceCreate(id, pod);
            case NetworkPolicy policy -> remember(policies, id, policy, done.write());
            case BuildRecord record -> remember(records, id, record, done.write());
            case PodDisruptionBudget budget -> remember(budgets, id, budget, done.write());
            case ServiceAccount account -> remember(accounts, id, account, done.write());
            default -> {}
        }
    }

    private static <R extends HasMetadata> void remember(
            InformerEventSource<R, BuildEnvironment> source, ResourceID id, R stored, Write write) {
        if (write instanceof Write.Patch patch) {
            // Only over the version that was patched: the watch may have delivered a later one since.
            source.get(id)
                    .filter(cached -> Write.Precondition.of(cached).equals(patch.precondition()))
                    .ifPresent(cached -> source.handleRecentResourceUpdate(id, stored, cached));
        } else {
            source.handleRecentResourceCreate(id, stored);
        }
    }
}
