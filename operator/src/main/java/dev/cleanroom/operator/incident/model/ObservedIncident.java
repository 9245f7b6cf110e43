package dev.cleanroom.operator.incident.model;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.api.v1alpha1.Rebuild;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Write.Precondition;
import dev.cleanroom.operator.pod.BuildPod;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything a decision about one incident reads, asked of the API server and not of a cache: incidents are rare, and
 * what they decide must not rest on what was true a moment ago.
 *
 * @param pod the subject itself, by uid: a later pod of the name is none
 * @param volume its workspace claim; empty when it has none (any more)
 * @param flipRefused why the API server does not let the pod be cut off
 * @param times of what is to be recorded now
 */
public record ObservedIncident(
        BuildIncident incident,
        Optional<Pod> pod,
        EnvironmentSide environment,
        Optional<Volume> volume,
        DenyList denyList,
        Optional<String> flipRefused,
        KnownTimes times) {

    /**
     * The environment that the pod is of.
     *
     * @param found empty when it is gone, or another one has the name
     * @param pods every pod that carries its label
     * @param account that it has now
     */
    public record EnvironmentSide(
            String name,
            Optional<BuildEnvironment> found,
            Rebuild rebuild,
            List<BuildPod> pods,
            Optional<Precondition> account) {
        public EnvironmentSide {
            pods = List.copyOf(pods);
        }
    }

    /** The account that the pod has tokens of, while it is still there: they die with its uid (I5). */
    public Optional<Precondition> exposedAccount() {
        Optional<String> had =
                pod.map(it -> it.getMetadata().getAnnotations().get(CleanroomApi.ACCOUNT_UID_ANNOTATION));
        return environment.account().filter(now -> had.filter(now.uid()::equals).isPresent());
    }

    /** The same, when the API server has refused what was to be written of these kinds: why is what is told. */
    public ObservedIncident without(Map<Resource, String> refused) {
        String snapshot = refused.get(Resource.VOLUME_SNAPSHOT);
        return new ObservedIncident(
                incident,
                pod,
                environment,
                snapshot == null ? volume : volume.map(it -> it.without(Reasons.WRITE_REFUSED, snapshot)),
                new DenyList(
                        denyList.policy(), Optional.ofNullable(refused.get(Resource.TRUST_POLICY)), denyList.stops()),
                Optional.ofNullable(refused.get(Resource.POD)).map(Volume::limited),
                times);
    }

    public ObservedIncident with(DenyList read) {
        return new ObservedIncident(incident, pod, environment, volume, read, flipRefused, times);
    }

    /** With whom the denial stops as it was counted before it was written: who is stopped says so, and drops the image. */
    public ObservedIncident stopping(Optional<StoppedBuilds> counted) {
        return counted.isEmpty() ? this : with(new DenyList(denyList.policy(), denyList.refused(), counted));
    }

    public boolean isClosed() {
        return isClosed(incident);
    }

    public static boolean isClosed(BuildIncident incident) {
        return incident.getStatus() != null
                && Conditions.isTrue(incident.getStatus().conditions(), Reasons.CLOSED);
    }

    /** A responder asks for the image to be denied, and the incident is not closed before it is. */
    public boolean isDenyingImage() {
        BuildIncidentSpec.Resolution resolution = incident.getSpec().resolution();
        return resolution != null
                && resolution.verdict() == BuildIncidentSpec.Verdict.Confirmed
                && Boolean.TRUE.equals(resolution.denyImage())
                && !isClosed();
    }

    /** As it was when the pod was first seen: the pod may go before a responder decides. */
    public Optional<String> imageDigest() {
        return Optional.ofNullable(incident.getStatus())
                .map(BuildIncidentStatus::exposure)
                .map(BuildIncidentStatus.Exposure::imageDigest)
                .or(() -> pod.flatMap(SuspectImage::digest));
    }

    /** What a responder's resolution denies, and the list does not have yet. */
    public Optional<String> toBeDenied() {
        return isDenyingImage() ? imageDigest().filter(digest -> !denyList.has(digest)) : Optional.empty();
    }

    public String namespaceOfPod() {
        String namespace = incident.getSpec().subject().namespace();
        return namespace == null ? incident.getMetadata().getNamespace() : namespace;
    }

    public String podName() {
        return incident.getSpec().subject().name();
    }

    /** Whether the incident lies beside its pod; where not, the pod's namespace is going and nothing can be made in it. */
    public boolean isBesidePod() {
        return namespaceOfPod().equals(incident.getMetadata().getNamespace());
    }
}
