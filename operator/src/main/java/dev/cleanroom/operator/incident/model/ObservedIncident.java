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
 * Everything that a decision about one incident reads, from the API server and not from a cache: incidents are
 * rare, and their decisions must not depend on a former state.
 *
 * @param pod the subject itself, by uid: a later pod of the same name does not count
 * @param volume its workspace claim; empty if it has none, or has none any more
 * @param flipRefused why the API server refuses to isolate the pod
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
     * The environment of the pod.
     *
     * @param found empty if it is gone, or if another one has the name
     * @param pods every pod with its label
     * @param account the account that it has now
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

    /** The account whose tokens the pod has, while it still exists: its tokens become invalid with its uid (I5). */
    public Optional<Precondition> exposedAccount() {
        Optional<String> had =
                pod.map(it -> it.getMetadata().getAnnotations().get(CleanroomApi.ACCOUNT_UID_ANNOTATION));
        return environment.account().filter(now -> had.filter(now.uid()::equals).isPresent());
    }

    /** The same, after the API server refused writes of these kinds, with the reason to report. */
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

    /**
     * The same, with the builds that the denial stops as they were counted before it was written: a stopped
     * environment reports it, and no longer uses the image.
     */
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

    /** As it was when the pod was first observed, because the pod may be gone before a responder decides. */
    public Optional<String> imageDigest() {
        return Optional.ofNullable(incident.getStatus())
                .map(BuildIncidentStatus::exposure)
                .map(BuildIncidentStatus.Exposure::imageDigest)
                .or(() -> pod.flatMap(SuspectImage::digest));
    }

    /** The digest that a responder's resolution denies and the list does not contain yet. */
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

    /**
     * Whether the incident is in its pod's namespace. If not, the pod's namespace is being deleted and nothing can
     * be created in it.
     */
    public boolean isBesidePod() {
        return namespaceOfPod().equals(incident.getMetadata().getNamespace());
    }
}
