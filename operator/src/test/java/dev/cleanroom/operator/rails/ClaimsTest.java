package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimList;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only the volume controller creates the claim of a workspace, and nobody deletes, mounts or clones it. */
@LabTest
class ClaimsTest {
    private static final String POD = "payments-0-1";
    private static final String CLAIM = POD + "-cleanroom-workspace";

    private static final String SNAPSHOTS = "snapshot.storage.k8s.io";
    private static final String RESPONDER = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: responder, namespace: %1$s}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cleanroom-responder}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: responder}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: responder-edits, namespace: %1$s}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: responder}]
            """;

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
    }

    @Test
    void theVolumeControllerMakesItAndNobodyElseDoes() {
        podWithWorkspace();
        for (KubernetesClient other : List.of(scene.tenant(), scene.administrator())) {
            Refusal.of(() -> other.resource(claim("mine", Map.of("cleanroom.dev/environment", "payments")))
                            .create())
                    .by("claims-are-ours", "set spec.workspace of the BuildEnvironment");
        }
        scene.tenant().resource(claim("mine", Map.of("app", "web"))).create();
        Refusal.of(() -> patch(scene.tenant(), "mine", "{\"metadata\":{\"labels\":{\"cleanroom.dev/x\":\"y\"}}}"))
                .by("claims-are-ours");
    }

    @Test
    void aSharedControllerAccountMakesItToo() {
        scene.as(new Actor("system:kube-controller-manager", List.of(), Map.of()).unbounded())
                .resource(claim(CLAIM, Map.of("cleanroom.dev/environment", "payments")))
                .create();
    }

    @Test
    void labelsAndOwnerAreFrozenAndTheRestIsWrittenByWhoever() {
        podWithWorkspace();
        for (KubernetesClient other : List.of(
                scene.tenant(),
                scene.administrator(),
                scene.as(Actor.controller("persistent-volume-binder").unbounded()))) {
            Refusal.of(() -> patch(other, CLAIM, "{\"metadata\":{\"labels\":{\"app\":\"web\"}}}"))
                    .by("claims-are-ours", "changes the labels");
            Refusal.of(() -> patch(other, CLAIM, "{\"metadata\":{\"ownerReferences\":null}}"))
                    .by("claims-are-ours", "the owner of a build's claim is its pod");
        }
        patch(
                scene.as(Actor.controller("persistent-volume-binder").unbounded()),
                CLAIM,
                "{\"metadata\":{\"annotations\":{\"volume.kubernetes.io/selected-node\":\"node-0\"}}}");
        patch(
                scene.as(Actor.serviceAccount("storage", "snapshotter").unbounded()),
                CLAIM,
                "{\"metadata\":{\"finalizers\":[\"kubernetes.io/pvc-protection\",\"snapshot.storage.kubernetes.io/source\"]}}");
        patch(
                scene.as(Actor.serviceAccount("storage", "snapshotter").unbounded()),
                CLAIM,
                "{\"metadata\":{\"finalizers\":[\"kubernetes.io/pvc-protection\"]}}");
    }

    @Test
    void itIsDeletedWithItsPodOnly() {
        podWithWorkspace();
        for (KubernetesClient other : List.of(scene.tenant(), scene.administrator())) {
            Refusal.of(() -> claims(other).withName(CLAIM).delete()).by("ours-are-kept", "delete the BuildEnvironment");
        }
        scene.operator().pods().inNamespace(scene.namespace()).withName(POD).delete();
        Environments.until(
                "the garbage collector to take the claim",
                () -> assertThat(claims(scene.administrator()).withName(CLAIM).get())
                        .isNull());
    }

    @Test
    void itIsMountedAndClonedByNobodyElse() {
        podWithWorkspace();
        Pod mounting = new PodBuilder(scene.plainPod("reader"))
                .editSpec()
                .addNewVolume()
                .withName("w")
                .withNewPersistentVolumeClaim(CLAIM, true)
                .endVolume()
                .endSpec()
                .build();
        PersistentVolumeClaim clone = new PersistentVolumeClaimBuilder(claim("copy", Map.of()))
                .editSpec()
                .withNewDataSource(null, "PersistentVolumeClaim", CLAIM)
                .endSpec()
                .build();
        PersistentVolumeClaim reference = new PersistentVolumeClaimBuilder(claim("copy", Map.of()))
                .editSpec()
                .withNewDataSourceRef(null, "PersistentVolumeClaim", CLAIM, null)
                .endSpec()
                .build();
        for (KubernetesClient other : List.of(scene.tenant(), scene.administrator())) {
            Refusal.of(() -> other.resource(mounting).create()).by("workspaces-are-private", "mounted by no other pod");
            Refusal.of(() -> other.resource(clone).create()).by("workspaces-are-private", "cannot be cloned");
            Refusal.of(() -> other.resource(reference).create()).by("workspaces-are-private", "cannot be cloned");
        }
        scene.tenant().resource(claim("data", Map.of())).create();
        scene.tenant()
                .resource(new PodBuilder(mounting)
                        .editSpec()
                        .editVolume(0)
                        .withNewPersistentVolumeClaim("data", false)
                        .endVolume()
                        .endSpec()
                        .build())
                .create();
    }

    @Test
    void itsSnapshotIsRestoredByWhoMayResolveItsIncidentOnly(Lab lab) {
        lab.cluster().apply(RESPONDER.formatted(scene.namespace()));
        PersistentVolumeClaim restored = restored("payments-0-1-f7d8079d-workspace");
        PersistentVolumeClaim reference = new PersistentVolumeClaimBuilder(restored)
                .editSpec()
                .withDataSource(null)
                .withNewDataSourceRef(
                        SNAPSHOTS,
                        "VolumeSnapshot",
                        restored.getSpec().getDataSource().getName(),
                        null)
                .endSpec()
                .build();
        for (KubernetesClient other : List.of(scene.tenant(), scene.administrator())) {
            Refusal.of(() -> other.resource(restored).create())
                    .by("workspaces-are-private", "requires the verb resolve on its incident");
            Refusal.of(() -> other.resource(reference).create())
                    .by("workspaces-are-private", "requires the verb resolve on its incident");
        }
        KubernetesClient responder = scene.as(Actor.user("responder"));
        responder.resource(restored).create();
        responder.resource(restored).delete();
        for (String theirs : List.of("db-workspace", "db-0-1-workspace", "payments-0-1-f7d8079d-workspace-copy")) {
            scene.tenant().resource(restored(theirs)).create();
            scene.tenant().resource(restored(theirs)).delete();
        }
    }

    private PersistentVolumeClaim restored(String snapshot) {
        return new PersistentVolumeClaimBuilder(claim("restored-" + snapshot, Map.of()))
                .editSpec()
                .withNewDataSource(SNAPSHOTS, "VolumeSnapshot", snapshot)
                .endSpec()
                .build();
    }

    /** The volume controller creates any claim that a pod's template describes. */
    @Test
    void noOtherPodHasOneMade() {
        Pod plain = scene.plainPod("web");
        Pod generated = new PodBuilder(plain)
                .editMetadata()
                .withName(null)
                .withGenerateName("web-")
                .endMetadata()
                .build();
        Pod halved = scene.plainPod("payments-0-2-cleanroom");
        for (KubernetesClient other : List.of(scene.tenant(), scene.administrator())) {
            Refusal.of(() -> other.resource(
                                    withTemplate(plain, "scratch", Map.of("cleanroom.dev/environment", "payments")))
                            .create())
                    .by("workspaces-are-private", "remove these labels");
            for (Pod named : List.of(
                    withTemplate(scene.plainPod("payments-0-2"), "cleanroom-workspace", Map.of()),
                    withTemplate(generated, "cleanroom-workspace", Map.of()),
                    withTemplate(halved, "workspace", Map.of()))) {
                Refusal.of(() -> other.resource(named).create())
                        .by("workspaces-are-private", "give the volume another name");
            }
        }
        scene.tenant()
                .resource(withTemplate(generated, "scratch", Map.of("app", "web")))
                .create();
        // Where controllers share one account, it also makes the claims of a StatefulSet.
        Refusal.of(() -> scene.as(new Actor("system:kube-controller-manager", List.of(), Map.of()).unbounded())
                        .resource(claim("data-db-0", Map.of("cleanroom.dev/environment", "payments")))
                        .create())
                .by("claims-are-ours");
    }

    private Pod withTemplate(Pod pod, String volume, Map<String, String> labels) {
        return new PodBuilder(pod)
                .editSpec()
                .addNewVolume()
                .withName(volume)
                .withNewEphemeral()
                .withNewVolumeClaimTemplate()
                .withNewMetadata()
                .addToLabels(labels)
                .endMetadata()
                .withSpec(claim("x", Map.of()).getSpec())
                .endVolumeClaimTemplate()
                .endEphemeral()
                .endVolume()
                .endSpec()
                .build();
    }

    private void podWithWorkspace() {
        scene.operator()
                .resource(scene.requested(withTemplate(
                        scene.gated(POD, Map.of()),
                        "cleanroom-workspace",
                        Map.of("cleanroom.dev/environment", "payments"))))
                .create();
        Environments.until(
                "the volume controller to make the claim",
                () -> assertThat(claims(scene.administrator()).withName(CLAIM).get())
                        .isNotNull());
    }

    private PersistentVolumeClaim claim(String name, Map<String, String> labels) {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace(scene.namespace())
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withNewResources()
                .addToRequests("storage", new Quantity("1Gi"))
                .endResources()
                .endSpec()
                .build();
    }

    private void patch(KubernetesClient by, String name, String json) {
        claims(by).withName(name).patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    private NonNamespaceOperation<PersistentVolumeClaim, PersistentVolumeClaimList, Resource<PersistentVolumeClaim>>
            claims(KubernetesClient client) {
        return client.persistentVolumeClaims().inNamespace(scene.namespace());
    }
}
