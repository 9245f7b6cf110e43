package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The people whose pod it concerns cannot remove an incident, and only users with the verb {@code resolve} resolve it.
 */
@LabTest
class IncidentsTest {
    private static final String RAIL = "incidents-are-kept";
    private static final String VERDICT =
            "{\"spec\":{\"resolution\":{\"verdict\":\"FalsePositive\",\"note\":\"a test\"}}}";
    private static final String RESPONDER = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: responder, namespace: %s}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cleanroom-responder}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: responder}]
            """;

    private Scene scene;
    private GenericKubernetesResource incident;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
        lab.cluster().apply(RESPONDER.formatted(scene.namespace()));
        incident = scene.incident(scene.buildPod("payments-0-1"));
    }

    @Test
    void aTenantReadsThemAndNoMore() {
        assertThat(scene.tenant().resource(incident).get()).isNotNull();
        Refusal.of(() -> patch(scene.tenant(), VERDICT)).byRoles();
        Refusal.of(() -> scene.tenant().resource(incident).delete()).byRoles();
        Refusal.of(() -> scene.tenant()
                        .resource(scene.unstoredIncident(scene.buildPod("payments-1-1")))
                        .create())
                .byRoles();
    }

    @Test
    void itIsDeletedByTheOperatorAndWithItsNamespaceOnceItsPodIsReleased() {
        KubernetesClient namespaces =
                scene.as(Actor.controller("namespace-controller").unbounded());
        for (KubernetesClient other : List.of(
                scene.administrator(),
                namespaces,
                scene.as(Actor.controller("generic-garbage-collector").unbounded()))) {
            Refusal.of(() -> other.resource(incident).delete()).by(RAIL, "To close it, resolve it");
        }
        scene.close(incident);
        Refusal.of(() -> namespaces.resource(incident).delete()).by(RAIL);
        scene.release(incident);
        Refusal.of(() -> scene.administrator().resource(incident).delete()).by(RAIL);
        namespaces.resource(incident).delete();
        assertThat(scene.operator().resource(incident).get()).isNull();
    }

    @Test
    void statusFinalizersOwnersAndLabelsAreTheOperators() {
        KubernetesClient administrator = scene.administrator();
        Refusal.of(() -> administrator
                        .resource(incident)
                        .subresource("status")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"environment\":\"other\"}}"))
                .by(RAIL, "only Cleanroom changes it");
        for (String change : List.of(
                "{\"metadata\":{\"finalizers\":[\"example.com/held\"]}}",
                "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}",
                "{\"metadata\":{\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"a\","
                        + "\"uid\":\"00000000-0000-0000-0000-000000000000\"}]}}")) {
            Refusal.of(() -> patch(administrator, change)).by(RAIL, "how long it holds its evidence");
        }
        scene.close(incident);
    }

    @Test
    void theVerdictIsARespondersAndSigned() {
        Refusal.of(() -> patch(scene.administrator(), VERDICT)).by(RAIL, "the verb resolve", "ask your responders");
        Refusal.of(() -> patch(scene.administrator(), signed("responder")))
                .by(RAIL, "to the user who resolves the incident");

        KubernetesClient responder = scene.as(Actor.user("responder"));
        patch(responder, VERDICT);
        var resolved = scene.operator().resource(incident).get();
        assertThat(resolved.<Object>get("spec", "resolution", "verdict")).isEqualTo("FalsePositive");
        assertThat(resolved.getMetadata().getAnnotations()).containsEntry("cleanroom.dev/resolved-by", "responder");
        Refusal.of(() -> patch(scene.administrator(), signed(Scene.ADMINISTRATOR)))
                .by(RAIL, "to the user who resolves the incident");
        Refusal.of(() -> patch(responder, signed("somebody-else"))).by(RAIL, "to the user who resolves the incident");
    }

    @Test
    void nobodyOpensOneResolvedWithoutTheVerb() {
        var resolved = scene.unstoredIncident(scene.buildPod("payments-1-1"));
        Map<String, Object> spec = resolved.get("spec");
        spec.put("resolution", Map.of("verdict", "Confirmed"));
        Refusal.of(() -> scene.administrator().resource(resolved).create()).by(RAIL, "the verb resolve");
        spec.remove("resolution");
        scene.administrator().resource(resolved).create();
        assertThat(scene.operator().resource(resolved).get()).isNotNull();
    }

    private static String signed(String by) {
        return "{\"metadata\":{\"annotations\":{\"cleanroom.dev/resolved-by\":\"" + by + "\"}}}";
    }

    private void patch(KubernetesClient by, String json) {
        by.resource(incident).patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }
}
