package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.DetectionMode;
import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.classes.ClassChoice;
import dev.cleanroom.operator.classes.EffectiveDetection;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.Incident;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Owned;
import dev.cleanroom.operator.environment.model.RunRecords;
import dev.cleanroom.operator.environment.model.StatusTiming;
import dev.cleanroom.operator.environment.model.Surroundings;
import dev.cleanroom.operator.environment.model.Surroundings.DenyAll;
import dev.cleanroom.operator.environment.model.Surroundings.Network;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.Trim;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Overlay;
import dev.cleanroom.operator.kube.plan.Write.Precondition;
import dev.cleanroom.operator.network.Canaries;
import dev.cleanroom.operator.network.DenyAllPolicy;
import dev.cleanroom.operator.network.ForeignPolicies;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.record.RunObservation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Gathers, for one run, what a decision reads: the caches, this run's own answers over them, and the decisions on
 * images.
 */
final class Observer {
    private static final String DENY_ALL_HASH = Trim.hash(DenyAllPolicy.spec());

    private final Known known;
    private final Api api;
    private final Images images;
    private final ForeignPolicies foreign;
    private final Map<ObjectKey, Boolean> missing = new HashMap<>();

    Observer(Known known, Api api, Images images, ForeignPolicies foreign) {
        this.known = known;
        this.api = api;
        this.images = images;
        this.foreign = foreign;
    }

    /** Empty once this run has deleted the environment itself. */
    Optional<Observed> observe(BuildEnvironment cached, Overlay overlay, StatusTiming statusTiming) {
        String namespace = cached.getMetadata().getNamespace();
        String name = cached.getMetadata().getName();
        return overlay.lookUp(
                        new ObjectKey(Resource.BUILD_ENVIRONMENT, namespace, name),
                        BuildEnvironment.class,
                        Optional.of(cached))
                .map(environment -> observed(environment, overlay, statusTiming));
    }

    private Observed observed(BuildEnvironment environment, Overlay overlay, StatusTiming statusTiming) {
        Owned owned = owned(environment, overlay);
        return new Observed(
                environment,
                surroundings(environment, owned.suspects(), overlay),
                owned,
                List.copyOf(overlay.failures()),
                statusTiming);
    }

    private Owned owned(BuildEnvironment environment, Overlay overlay) {
        String namespace = environment.getMetadata().getNamespace();
        String name = environment.getMetadata().getName();
        List<BuildPod> pods = overlay.layOver(Resource.POD, Pod.class, known.pods(environment)).stream()
                .map(pod -> BuildPod.of(name, pod))
                .flatMap(Optional::stream)
                .toList();
        Collection<BuildIncident> incidents =
                overlay.layOver(Resource.BUILD_INCIDENT, BuildIncident.class, known.incidents(environment));
        return new Owned(
                pods,
                policies(namespace, name, overlay),
                overlay.lookUp(
                                new ObjectKey(Resource.SERVICE_ACCOUNT, namespace, Names.account(name)),
                                ServiceAccount.class,
                                known.account(namespace, Names.account(name)))
                        .map(Observer::stored),
                incidents.stream()
                        .map(incident -> incident(environment, incident))
                        .flatMap(Optional::stream)
                        .toList(),
                reported(incidents),
                refusals(pods),
                records(environment, pods, overlay));
    }

    /** Asks for a log only once its run can be counted: the log of a counted run is not needed again. */
    private RunRecords records(BuildEnvironment environment, List<BuildPod> pods, Overlay overlay) {
        List<RunRecords.Stored> stored =
                overlay.layOver(Resource.BUILD_RECORD, BuildRecord.class, known.records(environment)).stream()
                        .filter(record -> environment.getMetadata().getUid().equals(Executor.ownerUid(record)))
                        .map(Observer::stored)
                        .toList();
        if (environment.getSpec() == null
                || EffectiveDetection.of(environment.getSpec(), known.classes()).mode() == DetectionMode.Off) {
            return new RunRecords(false, Map.of(), stored);
        }
        History history = History.of(environment.getStatus());
        var before = new RunRecords(true, Map.of(), stored);
        Map<String, RunObservation> observations = new HashMap<>();
        for (BuildPod pod : pods) {
            if (RunRecords.hasReport(pod)
                    && environment.getMetadata().getUid().equals(pod.ownerUid())
                    && pod.id().attempt() >= history.attempt(pod.id().slot())) {
                known.observation(environment, pod, before.knownGood(pod))
                        .ifPresent(
                                seen -> observations.put(pod.id().precondition().uid(), seen));
            }
        }
        return new RunRecords(true, observations, stored);
    }

    private Map<Phase, Owned.Stored> policies(String namespace, String name, Overlay overlay) {
        Map<Phase, Owned.Stored> policies = new EnumMap<>(Phase.class);
        for (Phase phase : Phase.values()) {
            policy(namespace, Names.egressPolicy(name, phase), overlay)
                    .ifPresent(policy -> policies.put(phase, stored(policy)));
        }
        return policies;
    }

    private Map<String, String> refusals(List<BuildPod> pods) {
        return pods.stream()
                .filter(BuildPod::held)
                .flatMap(pod -> known
                        .incidentRefusal(pod.id().precondition().uid())
                        .map(refusal -> Map.entry(pod.id().name(), refusal))
                        .stream())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /**
     * An incident without the environment's label does not count: no environment would count it, and its pod would
     * be replaced as if it had no incident. An incident that a person created gets the label at its first
     * reconcile.
     */
    static Set<String> reported(Collection<BuildIncident> incidents) {
        return incidents.stream()
                .filter(incident -> incident.getSpec() != null && environmentUid(incident) != null)
                .map(incident -> incident.getSpec().subject().uid())
                .collect(Collectors.toSet());
    }

    private static @Nullable String environmentUid(BuildIncident incident) {
        Map<String, String> annotations = incident.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(CleanroomApi.ENVIRONMENT_UID_ANNOTATION);
    }

    /** Empty if the incident's pod belongs to a former environment of the same name. */
    private static Optional<Incident> incident(BuildEnvironment environment, BuildIncident incident) {
        if (incident.getSpec() == null || !environment.getMetadata().getUid().equals(environmentUid(incident))) {
            return Optional.empty();
        }
        boolean closed = incident.getStatus() != null
                && Conditions.isTrue(incident.getStatus().conditions(), Reasons.CLOSED);
        return BuildPod.slotOf(
                        environment.getMetadata().getName(),
                        incident.getSpec().subject().name())
                .map(slot -> new Incident(
                        incident.getMetadata().getName(),
                        incident.getSpec().subject().uid(),
                        slot,
                        Instant.parse(incident.getMetadata().getCreationTimestamp()),
                        closed));
    }

    private Surroundings surroundings(BuildEnvironment environment, Set<String> suspects, Overlay overlay) {
        String namespace = environment.getMetadata().getNamespace();
        List<BuildEnvironmentClass> classes = known.classes();
        // Read once: with labels and without a uid, an open namespace would not be searched for foreign policies.
        Optional<ObjectMeta> open = known.openNamespace(namespace);
        return new Surroundings(
                open.map(ObjectMeta::getLabels),
                classes,
                images.decisions(environment, suspects, known),
                new Network(
                        denyAll(namespace, overlay),
                        policy(namespace, Names.BEACON, overlay).isPresent(),
                        Canaries.of(known.installation().namespace(), known.canaries()),
                        foreign.in(
                                namespace,
                                open.map(ObjectMeta::getUid),
                                known.foreignPolicies(namespace),
                                known.installation().namespace())),
                overlay.lookUp(
                                new ObjectKey(Resource.DISRUPTION_BUDGET, namespace, Names.EVIDENCE_BUDGET),
                                PodDisruptionBudget.class,
                                known.budget(namespace, Names.EVIDENCE_BUDGET))
                        .isPresent(),
                api.ownAudiences(),
                isTrustBundleMissing(environment, classes),
                known.preparingNotReady());
    }

    private Optional<NetworkPolicy> policy(String namespace, String name, Overlay overlay) {
        return overlay.lookUp(
                new ObjectKey(Resource.NETWORK_POLICY, namespace, name),
                NetworkPolicy.class,
                known.policy(namespace, name));
    }

    private DenyAll denyAll(String namespace, Overlay overlay) {
        var key = new ObjectKey(Resource.NETWORK_POLICY, namespace, Names.DENY_ALL);
        boolean answered =
                overlay.lookUp(key, NetworkPolicy.class, Optional.empty()).isPresent();
        return policy(namespace, Names.DENY_ALL, overlay)
                .map(policy -> denyAll(policy, answered))
                .orElse(DenyAll.ABSENT);
    }

    /**
     * The name alone proves nothing: anyone who may create network policies can use it first. With Cleanroom's label,
     * the guard rails let nobody else change or delete the policy.
     */
    static DenyAll denyAll(NetworkPolicy policy, boolean answered) {
        if (policy.getMetadata().getDeletionTimestamp() != null) {
            return DenyAll.TERMINATING;
        }
        Map<String, String> labels = policy.getMetadata().getLabels();
        boolean closes = labels != null
                && Names.COMPONENT_DENY_ALL.equals(labels.get(CleanroomApi.COMPONENT_LABEL))
                && DENY_ALL_HASH.equals(Trim.hashOf(policy));
        return !closes ? DenyAll.TAKEN : answered ? DenyAll.CONFIRMED : DenyAll.STORED;
    }

    /** Asks the API server: tenants have too many ConfigMaps, nearly all irrelevant here, to watch them. */
    private boolean isTrustBundleMissing(BuildEnvironment environment, List<BuildEnvironmentClass> classes) {
        if (environment.getSpec() == null
                || !(ClassChoice.of(environment.getSpec().className(), classes)
                        instanceof ClassChoice.Chosen(BuildEnvironmentClass chosen))
                || chosen.getSpec().trustBundle() == null) {
            return false;
        }
        var key = new ObjectKey(
                Resource.CONFIG_MAP,
                environment.getMetadata().getNamespace(),
                chosen.getSpec().trustBundle());
        return missing.computeIfAbsent(key, asked -> api.get(asked) instanceof Answer.Rejected);
    }

    private static RunRecords.Stored stored(BuildRecord record) {
        Map<String, String> annotations = record.getMetadata().getAnnotations();
        Map<String, String> labels = record.getMetadata().getLabels();
        return new RunRecords.Stored(
                record.getMetadata().getName(),
                Precondition.of(record),
                Instant.parse(record.getMetadata().getCreationTimestamp()),
                Optional.ofNullable(annotations.get(CleanroomApi.DETAIL_ANNOTATION)),
                Optional.ofNullable(annotations.get(CleanroomApi.DETAIL_RECORD_ANNOTATION)),
                "true".equals(labels.get(CleanroomApi.KNOWN_GOOD_LABEL)));
    }

    private static Owned.Stored stored(HasMetadata object) {
        return new Owned.Stored(
                Precondition.of(object),
                Executor.ownerUid(object),
                Trim.hashOf(object),
                object.getMetadata().getDeletionTimestamp() != null,
                Names.isLabelled(object));
    }
}
