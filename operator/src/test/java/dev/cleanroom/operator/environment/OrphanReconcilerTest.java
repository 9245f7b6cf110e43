package dev.cleanroom.operator.environment;

import static dev.cleanroom.operator.lab.BuildEnvironmentAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Incidents;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an environment leaves when its dependents are orphaned is removed, and evidence stays, on a real API server. */
@LabTest
class OrphanReconcilerTest {
    private static final String QUARANTINE = "cleanroom.dev/quarantine";

    /** As a tenant applies it: with everything that an environment owns. */
    private static final String POOL = """
            apiVersion: cleanroom.dev/v1alpha1
            kind: BuildEnvironment
            metadata: {name: pool}
            spec:
              className: %s
              image: %s
              command: [build]
              onExit: Replace
              replicas: 2
              response: {rebuild: Manual}
              identity: {audiences: [sts.example.com]}
              egress: [{name: store, cidr: 192.0.2.0/24, ports: [443]}]
            """;

    private Lab lab;
    private String namespace;
    private Environments environments;
    private BuildEnvironment pool;

    @BeforeEach
    void open(Lab opened) {
        lab = opened;
        namespace = lab.namespace();
        environments = lab.environments(namespace);
        pool = Manifests.environment(POOL.formatted(lab.buildClass(Map.of()), Manifests.IMAGE));
    }

    @Test
    void withoutAnEnvironmentEverythingThatItLeftIsRemoved() {
        operator();
        run(pool);
        orphan();
        environments.awaitPods("pool");
        awaitNothingOwned();
    }

    @ParameterizedTest
    @EnumSource(DeletionPropagation.class)
    void howeverItWasDeletedTheNextOfTheNameStartsClean(DeletionPropagation propagation) {
        operator();
        run(pool);
        List<String> former = uids(environments.pods("pool"));
        delete(propagation);

        environments.create(pool);
        environments.awaitCondition("pool", "Ready", "True", "Running");
        awaitAllOwned();
        assertThat(uids(environments.pods("pool"))).doesNotContainAnyElementsOf(former);
    }

    /** Quarantined after it was orphaned: its incident belongs to no environment, and the next one does not wait for it. */
    @Test
    void evidenceStaysAndTheNextEnvironmentDoesNotWaitForIt() {
        OperatorProcess operator = operator();
        run(pool);
        operator.close();
        orphan();
        environments.annotatePod("pool-0-1", Map.of(QUARANTINE, "odd egress"));
        environments.create(pool);

        operator();
        environments.awaitCondition("pool", "Ready", "True", "Running");
        Pod held = environments.pod("pool-0-1");
        assertThat(held.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined");
        Incidents incidents = environments.incidents();
        String incident = incidents.awaitOf(held);
        incidents.awaitCondition(incident, "Isolated", "True", "Quarantined");
        incidents.resolve(incident, "FalsePositive", "a new mirror");
        Environments.until(
                "the pod to be released",
                () -> assertThat(environments.podNames("pool")).doesNotContain("pool-0-1"));
    }

    /** While no operator runs, the incident is all that says that the pod is evidence. */
    @Test
    void aPodWithAnIncidentThatAPersonOpenedIsQuarantinedAndKept() {
        OperatorProcess operator = operator();
        run(pool);
        operator.close();
        orphan();
        Pod suspect = environments.pod("pool-1-1");
        String incident = environments.incidents().create(suspect, "seen in a log");

        operator();
        environments.incidents().awaitCondition(incident, "Isolated", "True", "Quarantined");
        environments.awaitPods("pool", "pool-1-1");
        awaitNothingOwned();
        assertThat(environments.pod("pool-1-1").getMetadata().getUid())
                .isEqualTo(suspect.getMetadata().getUid());
    }

    /** The guard rails let nobody do this; in a cluster that lost them, anybody can. */
    @Test
    void ownerReferencesThatAreRemovedByHandEndInAnEnvironmentThatOwnsAllOfItAgain() {
        operator();
        run(pool);
        KubernetesClient pastTheRails = lab.as(Actor.operatorUnbounded());
        Stream.concat(owned().stream(), Stream.of(environments.pod("pool-0-1")))
                .forEach(object -> pastTheRails
                        .resource(object)
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"ownerReferences\":null}}"));
        awaitAllOwned();
        environments.awaitCondition("pool", "Ready", "True", "Running");
    }

    /** Without that, anyone who may add a finalizer could let builds run forever. */
    @Test
    void aFinalizerOfATenantDoesNotKeepThePodsOfADeletedEnvironment() {
        operator();
        run(pool);
        environments.merge("pool", "{\"metadata\":{\"finalizers\":[\"example.com/wait\"]}}");
        environments.delete("pool");
        environments.awaitPods("pool");
        environments.merge("pool", "{\"metadata\":{\"finalizers\":null}}");
        awaitNothingOwned();
    }

    @Test
    void whatOthersOwnUnderAReservedNameIsReportedAndNotDeleted() {
        KubernetesClient admin = lab.admin();
        HasMetadata theirs = admin.resource("""
                        apiVersion: networking.k8s.io/v1
                        kind: NetworkPolicy
                        metadata: {name: cleanroom-pool, namespace: %s}
                        spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
                        """.formatted(namespace)).create();
        operator();
        environments.create(pool);
        environments.await(
                "pool",
                environment -> assertThat(environment)
                        .hasCondition("Stalled", "True", "NameTaken")
                        .hasMessage("Stalled", "kubectl delete networkpolicy cleanroom-pool -n " + namespace));
        assertThat(environments.podNames("pool")).isEmpty();
        admin.resource(theirs).delete();
        environments.awaitCondition("pool", "Ready", "True", "Running");
    }

    private OperatorProcess operator() {
        return lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
    }

    private void run(BuildEnvironment environment) {
        environments.create(environment);
        environments.awaitCondition("pool", "Ready", "True", "Running");
        environments.awaitPods("pool", "pool-0-1", "pool-1-1");
        assertThat(owned()).hasSize(2);
    }

    /** As {@code kubectl delete --cascade=orphan} does; returns once the garbage collector has let go of everything. */
    private void orphan() {
        delete(DeletionPropagation.ORPHAN);
    }

    private void delete(DeletionPropagation propagation) {
        lab.admin()
                .resources(BuildEnvironment.class)
                .inNamespace(namespace)
                .withName("pool")
                .withPropagationPolicy(propagation)
                .delete();
        Environments.until(
                "the environment to be gone",
                () -> assertThat(environments.find("pool")).isEmpty());
    }

    /** Two pods, the policy and the account, each with the present environment as its owner. */
    private void awaitAllOwned() {
        String uid = environments.get("pool").getMetadata().getUid();
        Environments.until(
                "everything to be owned",
                () -> assertThat(Stream.concat(owned().stream(), environments.pods("pool").stream()))
                        .hasSize(4)
                        .allSatisfy(object -> assertThat(object.getMetadata().getOwnerReferences())
                                .singleElement()
                                .satisfies(owner -> assertThat(owner.getUid()).isEqualTo(uid))));
    }

    private void awaitNothingOwned() {
        Environments.until(
                "policy and account to be gone", () -> assertThat(owned()).isEmpty());
    }

    /** The policy and the account of the environment. */
    private List<HasMetadata> owned() {
        KubernetesClient admin = lab.admin();
        return Stream.<HasMetadata>of(
                        admin.network()
                                .v1()
                                .networkPolicies()
                                .inNamespace(namespace)
                                .withName("cleanroom-pool")
                                .get(),
                        admin.serviceAccounts()
                                .inNamespace(namespace)
                                .withName("cleanroom-pool")
                                .get())
                .filter(Objects::nonNull)
                .toList();
    }

    private static List<String> uids(List<Pod> pods) {
        return pods.stream().map(pod -> pod.getMetadata().getUid()).toList();
    }
}
