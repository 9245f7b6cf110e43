package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only the operator writes records of runs, and nobody changes one. */
@LabTest
class RecordsTest {
    private static final String RAIL = "records-are-ours";
    private static final String OTHER_EXIT_CODE = "{\"observed\":{\"exitCode\":0}}";
    private static final String OWNED_BY = """
            {"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"gone",
            "uid":"00000000-0000-0000-0000-000000000000"}]}}""";

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
    }

    private static GenericKubernetesResource record(String namespace) {
        return Serialization.unmarshal("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildRecord
                metadata: {name: payments-0-1-5f0c2a11, namespace: %s}
                observed:
                  pod: {name: payments-0-1, uid: 5f0c2a11-7d3e-4c2b-9a41-0d6f1e2b3c4d}
                  observation: {outcome: Unobserved}
                  exitCode: 1
                """.formatted(namespace), GenericKubernetesResource.class);
    }

    /** The administrator, a tenant with more rights than a role gives, and a person with the operator's name. */
    private List<KubernetesClient> others() {
        return List.of(
                scene.administrator(),
                scene.as(scene.tenantWithEveryRight()),
                scene.as(Actor.operatorImpersonated().unbounded()));
    }

    @Test
    void aTenantReadsThemAndNoMore() {
        GenericKubernetesResource record = record(scene.namespace());
        Refusal.of(() -> scene.tenant().resource(record).create()).byRoles();
        scene.operator().resource(record).create();
        assertThat(scene.tenant().resource(record).get()).isNotNull();
        Refusal.of(() -> patch(scene.tenant(), OTHER_EXIT_CODE)).byRoles();
        Refusal.of(() -> scene.tenant().resource(record).delete()).byRoles();
    }

    @Test
    void onlyTheOperatorCreatesAndDeletesThem() {
        GenericKubernetesResource record = record(scene.namespace());
        for (KubernetesClient other : others()) {
            Refusal.of(() -> other.resource(record).create()).by(RAIL, "only Cleanroom creates and changes it");
        }
        scene.operator().resource(record).create();
        for (KubernetesClient other : others()) {
            Refusal.of(() -> other.resource(record).delete())
                    .by(RAIL, "only Cleanroom deletes a BuildRecord", "with their BuildEnvironment");
        }
        scene.operator().resource(record).delete();
        assertThat(scene.operator().resource(record).get()).isNull();
    }

    @Test
    void nobodyChangesOne() {
        scene.operator().resource(record(scene.namespace())).create();
        for (String change : List.of(OTHER_EXIT_CODE, OWNED_BY, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}")) {
            for (KubernetesClient other : others()) {
                Refusal.of(() -> patch(other, change)).by(RAIL, "only Cleanroom creates and changes it");
            }
        }
        Refusal.of(() -> patch(scene.operator(), OTHER_EXIT_CODE)).byRoles();
    }

    @Test
    void theyAreDeletedWithTheirEnvironmentAndNamespace() {
        for (String controller : List.of("generic-garbage-collector", "namespace-controller")) {
            KubernetesClient deleting = scene.as(Actor.controller(controller).unbounded());
            scene.operator().resource(record(scene.namespace())).create();
            Refusal.of(() -> patch(deleting, OTHER_EXIT_CODE)).by(RAIL);
            deleting.resource(record(scene.namespace())).delete();
            assertThat(scene.operator().resource(record(scene.namespace())).get())
                    .isNull();
        }
    }

    /** Without that, an environment that is deleted with {@code --cascade=orphan} would never go. */
    @Test
    void theGarbageCollectorTakesOwnersAway() {
        scene.operator().resource(record(scene.namespace())).create();
        KubernetesClient collector =
                scene.as(Actor.controller("generic-garbage-collector").unbounded());
        patch(collector, "{\"metadata\":{\"ownerReferences\":null}}");
        Refusal.of(() -> patch(collector, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"))
                .by(RAIL);
    }

    @Test
    void inANamespaceThatIsNotOpenForBuildsRecordsAreLeftAlone(Lab lab) {
        Scene closed = Scene.notForBuilds(lab);
        closed.administrator().resource(record(closed.namespace())).create();
        closed.administrator().resource(record(closed.namespace())).delete();
        assertThat(closed.administrator().resource(record(closed.namespace())).get())
                .isNull();
    }

    private static GenericKubernetesResource patch(KubernetesClient by, String namespace, String json) {
        return by.resource(record(namespace)).patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    private GenericKubernetesResource patch(KubernetesClient by, String json) {
        return patch(by, scene.namespace(), json);
    }
}
