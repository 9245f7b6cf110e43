package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.SnapshotApi;
import dev.cleanroom.operator.network.BeaconPolicy;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only the operator creates, changes and deletes its accounts, network policies, disruption budgets and snapshots. */
@LabTest
class OwnObjectsTest {
    private static final String ACCOUNT = """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: cleanroom-payments, labels: {cleanroom.dev/environment: payments}}
            """;
    private static final String POLICY = """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: cleanroom-payments, labels: {cleanroom.dev/environment: payments}}
            spec: {podSelector: {}, policyTypes: [Ingress]}
            """;
    private static final String BUDGET = """
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: cleanroom-payments, labels: {cleanroom.dev/component: evidence}}
            spec: {maxUnavailable: 0, selector: {matchLabels: {a: b}}}
            """;
    private static final String SNAPSHOT = """
            apiVersion: snapshot.storage.k8s.io/v1
            kind: VolumeSnapshot
            metadata: {name: cleanroom-payments, labels: {cleanroom.dev/environment: payments}}
            spec: {source: {persistentVolumeClaimName: data}}
            """;
    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        if (!lab.cluster().isOwn() || lab.admin().getApiGroup("snapshot.storage.k8s.io") == null) {
            SnapshotApi.install(lab);
        }
        scene = Scene.open(lab);
    }

    /**
     * The spec is protected too: anyone who could add to the beacon's egress would open every active build pod. Two
     * rails refuse a policy that opens something, and the API server names either of them. Only this rail refuses one
     * that opens nothing.
     */
    @Test
    void nobodyElseMakesTheBeaconOpenAnything() {
        var beacon = BeaconPolicy.build(scene.namespace(), LabCluster.OPERATOR_NAMESPACE);
        for (KubernetesClient other : List.of(scene.administrator(), scene.as(scene.tenantWithEveryRight()))) {
            Refusal.of(() -> other.resource(withEgress(beacon)).create())
                    .by("ours-are-ours", "only Cleanroom creates objects");
            Refusal.of(() -> other.resource(beacon).create()).byEither("ours-are-ours", "network-stays-closed");
        }
        scene.unbounded().resource(beacon).create();
        for (KubernetesClient other : List.of(scene.administrator(), scene.as(scene.tenantWithEveryRight()))) {
            Refusal.of(() -> other.resource(beacon).edit(stored -> withEgress(stored)))
                    .by("ours-are-ours", "not changed by hand");
            Refusal.of(() -> other.resource(beacon).edit(stored -> withEgress(stored, new NetworkPolicyEgressRule())))
                    .byEither("ours-are-ours", "network-stays-closed");
            Refusal.of(() -> other.resource(beacon).delete()).by("ours-are-kept", "with its owner or namespace");
        }
    }

    /** A policy without rules opens nothing, and an empty rule opens everything. */
    private static NetworkPolicy withEgress(NetworkPolicy policy, NetworkPolicyEgressRule... rules) {
        return new NetworkPolicyBuilder(policy)
                .editSpec()
                .withEgress(rules)
                .endSpec()
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {ACCOUNT, POLICY, BUDGET, SNAPSHOT})
    void nobodyElseMakesChangesOrDeletesOne(String yaml) {
        List<KubernetesClient> others = List.of(scene.administrator(), scene.as(scene.tenantWithEveryRight()));
        for (KubernetesClient other : others) {
            Refusal.of(() -> other.resource(read(yaml)).create()).by("ours-are-ours", "only Cleanroom creates objects");
        }
        scene.unbounded().resource(read(yaml)).create();
        for (KubernetesClient other : others) {
            Refusal.of(() -> patch(other, yaml, "{\"metadata\":{\"labels\":{\"app\":\"web\"}}}"))
                    .by("ours-are-ours", "changes its labels");
            Refusal.of(() -> patch(other, yaml, """
                            {"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"gone",
                            "uid":"00000000-0000-0000-0000-000000000000"}]}}""")).by("ours-are-ours", "decide when it is deleted");
            Refusal.of(() -> other.resource(read(yaml)).delete()).by("ours-are-kept", "with its owner or namespace");
        }
        Refusal.of(() -> scene.as(Actor.operatorImpersonated().unbounded())
                        .resource(read(yaml))
                        .delete())
                .by("ours-are-kept");
        scene.as(Actor.controller("generic-garbage-collector").unbounded())
                .resource(read(yaml))
                .delete();
        Environments.until(
                "it to go",
                () -> assertThat(scene.unbounded().resource(read(yaml)).get()).isNull());
    }

    /** It is from before the namespace was opened, and a policy that opens build pods must be deleted by somebody. */
    @ParameterizedTest
    @ValueSource(strings = {ACCOUNT, POLICY, BUDGET})
    void whatHasALabelOfOursAndAnotherNameIsDeletedByAnyone(String yaml) {
        String theirs = yaml.replace("cleanroom-payments", "team");
        scene.unbounded().resource(read(theirs)).create();
        scene.tenant().resource(read(theirs)).delete();
        Environments.until(
                "it to go",
                () -> assertThat(scene.unbounded().resource(read(theirs)).get()).isNull());
    }

    @ParameterizedTest
    @ValueSource(strings = {ACCOUNT, POLICY, BUDGET})
    void finalizersAreFrozen(String yaml) {
        scene.unbounded().resource(read(yaml)).create();
        Refusal.of(() -> patch(scene.administrator(), yaml, "{\"metadata\":{\"finalizers\":[\"example.com/held\"]}}"))
                .by("ours-are-ours", "finalizers");
    }

    @Test
    void aSpecIsFrozenAndAnAccountWhollySo() {
        for (String yaml : List.of(ACCOUNT, POLICY, BUDGET, SNAPSHOT)) {
            scene.unbounded().resource(read(yaml)).create();
        }
        KubernetesClient administrator = scene.administrator();
        Refusal.of(() -> patch(administrator, POLICY, "{\"spec\":{\"podSelector\":{\"matchLabels\":{\"a\":\"b\"}}}}"))
                .by("ours-are-ours", "spec.egress or spec.identity of the BuildEnvironment");
        Refusal.of(() -> patch(administrator, BUDGET, "{\"spec\":{\"maxUnavailable\":9}}"))
                .by("ours-are-ours");
        Refusal.of(() ->
                        patch(administrator, SNAPSHOT, "{\"spec\":{\"source\":{\"volumeSnapshotContentName\":\"x\"}}}"))
                .by("ours-are-ours");
        Refusal.of(() -> patch(administrator, ACCOUNT, "{\"imagePullSecrets\":[{\"name\":\"mine\"}]}"))
                .by("ours-are-ours");
        Refusal.of(() -> patch(
                        administrator,
                        ACCOUNT,
                        "{\"metadata\":{\"annotations\":{\"iam.example.com/role\":\"administrator\"}}}"))
                .by("ours-are-ours", "spec.identity.annotations");
        patch(administrator, POLICY, "{\"metadata\":{\"annotations\":{\"example.com/note\":\"mine\"}}}");
    }

    @Test
    void manyAreNotDeletedAtOnceEither() {
        scene.unbounded().resource(read(POLICY)).create();
        Refusal.of(() -> scene.tenant()
                        .raw(
                                "/apis/networking.k8s.io/v1/namespaces/" + scene.namespace() + "/networkpolicies",
                                "DELETE",
                                ""))
                .by("ours-are-kept");
    }

    @Test
    void aSnapshotOfAWorkspaceIsNobodysEvenWithoutOurLabel() {
        Refusal.of(() -> scene.administrator()
                        .resource(read(SNAPSHOT.replace("labels: {cleanroom.dev/environment: payments}", "labels: {}")
                                .replace("Name: data", "Name: payments-0-1-cleanroom-workspace")))
                        .create())
                .by("workspaces-are-private", "only Cleanroom takes snapshots");
    }

    /** If it were created before the incident, it would look like the snapshot of a workspace. */
    @Test
    void aSnapshotThatIsCalledLikeEvidenceIsMadeByNobodyElse() {
        String unlabelled = SNAPSHOT.replace("labels: {cleanroom.dev/environment: payments}", "labels: {}");
        String planted = unlabelled.replace("cleanroom-payments", "payments-0-1-f7d8079d-workspace");
        for (KubernetesClient other : List.of(scene.administrator(), scene.as(scene.tenantWithEveryRight()))) {
            Refusal.of(() -> other.resource(read(planted)).create())
                    .by("workspaces-are-private", "is evidence", "only Cleanroom creates it");
        }
        scene.unbounded().resource(read(planted)).create();
        for (String theirs : List.of("db-workspace", "db-0-1-workspace", "payments-0-1-f7d8079d-workspace-copy")) {
            scene.administrator()
                    .resource(read(unlabelled.replace("cleanroom-payments", theirs)))
                    .create();
        }
    }

    private GenericKubernetesResource read(String yaml) {
        GenericKubernetesResource read = Serialization.unmarshal(yaml, GenericKubernetesResource.class);
        read.getMetadata().setNamespace(scene.namespace());
        return read;
    }

    private void patch(KubernetesClient by, String yaml, String json) {
        by.resource(read(yaml)).patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }
}
