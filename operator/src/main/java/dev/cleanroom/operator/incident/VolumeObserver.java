package dev.cleanroom.operator.incident;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.incident.model.Volume;
import dev.cleanroom.operator.incident.model.Volume.Obstacle;
import dev.cleanroom.operator.incident.model.Volume.Snapshot;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.pod.IncidentNames;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The pod's claim, the class for its snapshot, and the snapshot with its content, which must name each other. */
final class VolumeObserver {
    private final Api api;

    VolumeObserver(Api api) {
        this.api = api;
    }

    /** A snapshot outlives its claim, so it is also read when the claim is gone. */
    Optional<Volume> observe(
            BuildIncident incident, String podNamespace, @Nullable BuildEnvironmentClassSpec buildClass) {
        String name = IncidentNames.workspaceClaim(incident.getSpec().subject().name());
        Optional<GenericKubernetesResource> ofTheName = get(
                Resource.VOLUME_SNAPSHOT,
                podNamespace,
                IncidentNames.workspaceSnapshot(incident.getMetadata().getName()),
                GenericKubernetesResource.class);
        Optional<Volume> taken = ofTheName
                .filter(stored -> isOurs(stored, incident, name))
                .map(stored -> new Volume(name, Optional.empty(), Obstacle.NONE, Optional.of(snapshot(stored))));
        return taken.or(() -> get(Resource.CLAIM, podNamespace, name, PersistentVolumeClaim.class)
                // A later pod of the same name has a claim of the same name, which does not belong to this incident.
                .filter(claim -> incident.getSpec().subject().uid().equals(Executor.ownerUid(claim)))
                .map(claim -> ofTheName
                        .map(stored -> nameTaken(name, stored))
                        .orElseGet(() -> possible(incident, claim, buildClass))));
    }

    /** The name is known as soon as the pod exists, so anyone could create a snapshot with it, of anything. */
    private static boolean isOurs(GenericKubernetesResource stored, BuildIncident incident, String claim) {
        return incident.getMetadata().getUid().equals(Executor.ownerUid(stored))
                && claim.equals(stored.get("spec", "source", "persistentVolumeClaimName"));
    }

    private static Volume nameTaken(String claim, GenericKubernetesResource stored) {
        String name = stored.getMetadata().getName();
        return without(
                claim,
                Reasons.NAME_TAKEN,
                "a VolumeSnapshot " + name + " exists that Cleanroom did not create, so it is not evidence."
                        + " Delete it: kubectl delete volumesnapshot " + name + " -n "
                        + stored.getMetadata().getNamespace());
    }

    private Volume possible(
            BuildIncident incident, PersistentVolumeClaim claim, @Nullable BuildEnvironmentClassSpec buildClass) {
        String name = claim.getMetadata().getName();
        if (!incident.getMetadata().getNamespace().equals(claim.getMetadata().getNamespace())) {
            return without(
                    name,
                    Reasons.NAMESPACE_TERMINATING,
                    "no snapshot can be created, because the namespace is" + " being deleted");
        }
        Optional<List<GenericKubernetesResource>> classes =
                api.list(Resource.VOLUME_SNAPSHOT_CLASS, null, "", GenericKubernetesResource.class);
        if (classes.isEmpty()) {
            return without(
                    name,
                    Reasons.SNAPSHOTS_NOT_SERVED,
                    "no snapshot can be created, because the cluster does not serve snapshot.storage.k8s.io");
        }
        Optional<String> driver = driver(claim);
        if (driver.isEmpty()) {
            return without(
                    name,
                    Reasons.CLAIM_NOT_BOUND,
                    "claim " + name + " is not bound to a volume of a CSI driver, so it cannot be snapshotted");
        }
        String asked = buildClass == null || buildClass.evidence() == null
                ? null
                : buildClass.evidence().volumeSnapshotClassName();
        return asked == null
                ? ofDriver(name, classes.get(), driver.get())
                : named(name, classes.get(), asked, driver.get());
    }

    private static Volume named(String claim, List<GenericKubernetesResource> classes, String asked, String driver) {
        Optional<GenericKubernetesResource> found = classes.stream()
                .filter(it -> it.getMetadata().getName().equals(asked))
                .findFirst();
        if (found.isEmpty() || !driver.equals(found.get().get("driver"))) {
            return without(
                    claim,
                    Reasons.NO_SNAPSHOT_CLASS,
                    "evidence.volumeSnapshotClassName " + asked + " is not a VolumeSnapshotClass of the driver "
                            + driver + ": kubectl get volumesnapshotclass");
        }
        return SnapshotClasses.retains(found.get())
                ? new Volume(claim, Optional.of(asked), Obstacle.NONE, Optional.empty())
                : deletes(claim, asked);
    }

    private static Volume ofDriver(String claim, List<GenericKubernetesResource> classes, String driver) {
        List<GenericKubernetesResource> ofDriver =
                classes.stream().filter(it -> driver.equals(it.get("driver"))).toList();
        List<GenericKubernetesResource> retaining =
                ofDriver.stream().filter(SnapshotClasses::retains).toList();
        Optional<GenericKubernetesResource> chosen = retaining.size() == 1
                ? Optional.of(retaining.getFirst())
                : retaining.stream().filter(SnapshotClasses::isDefault).findFirst();
        if (chosen.isPresent()) {
            return new Volume(
                    claim, Optional.of(chosen.get().getMetadata().getName()), Obstacle.NONE, Optional.empty());
        }
        return retaining.isEmpty() && !ofDriver.isEmpty()
                ? deletes(claim, ofDriver.getFirst().getMetadata().getName())
                : without(
                        claim,
                        Reasons.NO_SNAPSHOT_CLASS,
                        "there is " + (retaining.isEmpty() ? "no" : "more than one")
                                + " VolumeSnapshotClass of the driver " + driver
                                + " that retains. Name one in the class's evidence.volumeSnapshotClassName");
    }

    private static Volume deletes(String claim, String snapshotClass) {
        return without(
                claim,
                Reasons.SNAPSHOT_CLASS_DELETES,
                "VolumeSnapshotClass " + snapshotClass
                        + " deletes the snapshot's content with the object. Use a class with deletionPolicy:"
                        + " Retain");
    }

    private static Volume without(String claim, String reason, String message) {
        return new Volume(claim, Optional.empty(), new Obstacle(reason, message), Optional.empty());
    }

    private Optional<String> driver(PersistentVolumeClaim claim) {
        String volume = claim.getSpec() == null ? null : claim.getSpec().getVolumeName();
        return volume == null
                ? Optional.empty()
                : get(Resource.VOLUME, null, volume, PersistentVolume.class)
                        .map(it -> it.getSpec().getCsi())
                        .map(csi -> csi.getDriver());
    }

    private Snapshot snapshot(GenericKubernetesResource stored) {
        Optional<String> cutAt = Optional.ofNullable(stored.get("status", "creationTime"));
        Optional<String> error = Optional.ofNullable(stored.get("status", "error", "message"));
        boolean ready = Boolean.TRUE.equals(stored.get("status", "readyToUse")) && isBoundBack(stored);
        return new Snapshot(
                stored.getMetadata().getName(),
                Volume.time(stored.getMetadata().getCreationTimestamp()),
                cutAt,
                ready,
                error.map(message -> new Volume.Failure(message, Volume.time(stored.get("status", "error", "time")))));
    }

    /** A person can create a content that looks like a snapshot's, so it counts only if it names this very snapshot. */
    private boolean isBoundBack(GenericKubernetesResource snapshot) {
        String content = snapshot.get("status", "boundVolumeSnapshotContentName");
        return content != null
                && get(Resource.VOLUME_SNAPSHOT_CONTENT, null, content, GenericKubernetesResource.class)
                        .filter(it ->
                                snapshot.getMetadata().getUid().equals(it.get("spec", "volumeSnapshotRef", "uid")))
                        .isPresent();
    }

    private <T extends HasMetadata> Optional<T> get(
            Resource resource, @Nullable String namespace, String name, Class<T> type) {
        return IncidentObserver.get(api, new ObjectKey(resource, namespace, name), type);
    }
}
