package dev.cleanroom.operator.incident;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Rebuild;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.classes.ClassChoice;
import dev.cleanroom.operator.classes.EffectiveResponse;
import dev.cleanroom.operator.incident.model.DenyList;
import dev.cleanroom.operator.incident.model.KnownTimes;
import dev.cleanroom.operator.incident.model.ObservedIncident;
import dev.cleanroom.operator.incident.model.ObservedIncident.EnvironmentSide;
import dev.cleanroom.operator.incident.model.StoppedBuilds;
import dev.cleanroom.operator.incident.status.Timeline;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Write.Precondition;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.pod.PodState;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads everything that a decision about one incident depends on from the API server, at that moment. */
final class IncidentObserver {
    private final Api api;
    private final VolumeObserver volumes;
    private final String operatorNamespace;
    private final Function<String, Optional<Set<ObjectKey>>> usersOf;

    /** @param usersOf the environments that use an image, by its digest; empty while they are not known */
    IncidentObserver(Api api, String operatorNamespace, Function<String, Optional<Set<ObjectKey>>> usersOf) {
        this.api = api;
        this.operatorNamespace = operatorNamespace;
        this.usersOf = usersOf;
        this.volumes = new VolumeObserver(api);
    }

    /** An incident, and its pod while that exists: everything that isolating the pod depends on. */
    record Subject(BuildIncident incident, Optional<Pod> pod) {}

    /** Empty if the incident does not exist or cannot be read; what is recorded in it is then not overwritten. */
    Optional<Subject> subject(String namespace, String name) {
        return get(api, new ObjectKey(Resource.BUILD_INCIDENT, namespace, name), BuildIncident.class)
                .filter(incident -> incident.unreadable() == null && incident.getSpec() != null)
                .map(incident -> new Subject(incident, pod(incident)));
    }

    private Optional<Pod> pod(BuildIncident incident) {
        var subject = incident.getSpec().subject();
        return get(api, new ObjectKey(Resource.POD, namespaceOfPod(incident), subject.name()), Pod.class)
                .filter(found -> found.getMetadata().getUid().equals(subject.uid()))
                .filter(found -> HeldPods.isBuildPod(found) && mayName(incident));
    }

    private static String namespaceOfPod(BuildIncident incident) {
        String named = incident.getSpec().subject().namespace();
        return named == null ? incident.getMetadata().getNamespace() : named;
    }

    /** Everything else, for the steps that follow isolation. */
    ObservedIncident observe(Subject subject) {
        BuildIncident incident = subject.incident();
        Optional<Pod> pod = subject.pod();
        String namespace = namespaceOfPod(incident);
        String environmentName = environmentOf(incident, pod);
        Optional<BuildEnvironment> environment = environmentName.isEmpty()
                ? Optional.empty()
                : get(
                                api,
                                new ObjectKey(Resource.BUILD_ENVIRONMENT, namespace, environmentName),
                                BuildEnvironment.class)
                        .filter(found -> isSame(incident, found));
        Optional<BuildEnvironmentClassSpec> buildClass = environment.flatMap(this::classOf);
        var side = new EnvironmentSide(
                environmentName,
                environment,
                rebuild(environment, buildClass),
                pods(namespace, environmentName),
                environmentName.isEmpty() ? Optional.empty() : account(namespace, environmentName));
        var observed = new ObservedIncident(
                incident,
                pod,
                side,
                volumes.observe(incident, namespace, buildClass.orElse(null)),
                DenyList.NOT_READ,
                Optional.empty(),
                times(incident, pod));
        return observed.isDenyingImage() ? observed.with(denyList(observed)) : observed;
    }

    private DenyList denyList(ObservedIncident observed) {
        return new DenyList(
                get(api, new ObjectKey(Resource.TRUST_POLICY, null, CleanroomApi.DENIED_POLICY), TrustPolicy.class),
                Optional.empty(),
                observed.imageDigest()
                        .flatMap(usersOf)
                        .map(users -> StoppedBuilds.of(
                                users, observed.incident().getMetadata().getNamespace())));
    }

    /** Requested only while the step is not recorded, because each is one more request. */
    private KnownTimes times(BuildIncident incident, Optional<Pod> pod) {
        boolean resolved = incident.getSpec().resolution() != null && !isRecorded(incident, Timeline.CLOSED);
        return new KnownTimes(
                pod.filter(it -> PodState.of(it) == PodState.QUARANTINED && !isRecorded(incident, Timeline.ISOLATED))
                        .flatMap(it -> KnownTimes.isolated(
                                it,
                                api.fieldTimes(new ObjectKey(
                                        Resource.POD,
                                        it.getMetadata().getNamespace(),
                                        it.getMetadata().getName())))),
                resolved
                        ? KnownTimes.resolved(api.fieldTimes(new ObjectKey(
                                Resource.BUILD_INCIDENT,
                                incident.getMetadata().getNamespace(),
                                incident.getMetadata().getName())))
                        : Optional.empty());
    }

    private static boolean isRecorded(BuildIncident incident, String step) {
        return incident.getStatus() != null
                && incident.getStatus().timeline() != null
                && incident.getStatus().timeline().stream()
                        .anyMatch(entry -> entry.step().equals(step));
    }

    /**
     * Only incidents that the operator created may name another namespace than their own; otherwise anyone who may
     * write one could reach any pod.
     */
    private boolean mayName(BuildIncident incident) {
        String named = incident.getSpec().subject().namespace();
        return named == null || incident.getMetadata().getNamespace().equals(operatorNamespace);
    }

    /**
     * By the incident's label, which the opener writes. An incident that a person created may not have it; then the
     * pod's label decides.
     */
    private static String environmentOf(BuildIncident incident, Optional<Pod> pod) {
        return label(incident)
                .or(() -> pod.flatMap(IncidentObserver::label))
                .or(() -> Optional.ofNullable(incident.getStatus()).map(status -> status.environment()))
                .orElse("");
    }

    private static Optional<String> label(HasMetadata object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return Optional.ofNullable(labels == null ? null : labels.get(CleanroomApi.ENVIRONMENT_LABEL));
    }

    private static boolean isSame(BuildIncident incident, BuildEnvironment found) {
        Map<String, String> annotations = incident.getMetadata().getAnnotations();
        String uid = annotations == null ? null : annotations.get(CleanroomApi.ENVIRONMENT_UID_ANNOTATION);
        return uid == null || uid.equals(found.getMetadata().getUid());
    }

    private Optional<BuildEnvironmentClassSpec> classOf(BuildEnvironment environment) {
        if (environment.getSpec() == null) {
            return Optional.empty();
        }
        List<BuildEnvironmentClass> classes = api.list(
                        Resource.BUILD_ENVIRONMENT_CLASS, null, "", BuildEnvironmentClass.class)
                .orElse(List.of());
        return ClassChoice.of(environment.getSpec().className(), classes) instanceof ClassChoice.Chosen chosen
                ? Optional.of(chosen.buildClass().getSpec())
                : Optional.empty();
    }

    private static Rebuild rebuild(
            Optional<BuildEnvironment> environment, Optional<BuildEnvironmentClassSpec> buildClass) {
        return environment.isPresent() && buildClass.isPresent()
                ? EffectiveResponse.of(environment.get().getSpec(), buildClass.get())
                        .rebuild()
                : Rebuild.Automatic;
    }

    private List<BuildPod> pods(String namespace, String environment) {
        return environment.isEmpty()
                ? List.of()
                : api
                        .list(Resource.POD, namespace, CleanroomApi.ENVIRONMENT_LABEL + "=" + environment, Pod.class)
                        .orElse(List.of())
                        .stream()
                        .map(pod -> BuildPod.of(environment, pod))
                        .flatMap(Optional::stream)
                        .toList();
    }

    private Optional<Precondition> account(String namespace, String environment) {
        return get(
                        api,
                        new ObjectKey(Resource.SERVICE_ACCOUNT, namespace, Names.account(environment)),
                        ServiceAccount.class)
                .map(Precondition::of);
    }

    static <T extends HasMetadata> Optional<T> get(Api api, ObjectKey key, Class<T> type) {
        return switch (api.get(key)) {
            case Answer.Ok ok ->
                Optional.ofNullable(ok.object()).filter(type::isInstance).map(type::cast);
            case Answer.Rejected rejected when rejected.notFound() -> Optional.empty();
            // A failed read does not mean that the object is gone, since an object that is gone is recorded as gone.
            case Answer.Rejected rejected -> throw new ApiUnavailableException(key + ": " + rejected.message(), null);
        };
    }
}
