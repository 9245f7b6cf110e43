package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only responders and the operator enter a suspect pod. */
@LabTest
class LiveAccessTest {
    private static final String RAIL = "no-live-access";
    private static final String POD = "payments-0-1";
    private static final List<String> WAYS_IN =
            List.of("exec?command=sh&stdout=true", "attach?stdout=true", "portforward?ports=80", "proxy/");
    private static final String RESPONDER = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: responder, namespace: %s}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cleanroom-responder}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: responder}]
            """;

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
        lab.cluster().apply(RESPONDER.formatted(scene.namespace()));
    }

    @Test
    void oneIncidentClosesOnePodToAllButRespondersAndTheOperator() {
        Pod pod = scene.buildPod(POD);
        scene.buildPod("payments-1-1");
        scene.quarantined(POD);
        var incident = scene.incident(pod);
        Environments.until(
                "the incident to be known to the rail",
                () -> Refusal.of(() -> enter(scene.administrator(), POD, "exec?command=sh"))
                        .by(
                                RAIL,
                                "requires the verb resolve",
                                incident.getMetadata().getName()));
        for (KubernetesClient other : List.of(scene.tenant(), scene.administrator())) {
            for (String way : WAYS_IN) {
                Refusal.of(() -> enter(other, POD, way)).by(RAIL);
                reachesThePod(other, "payments-1-1", way);
            }
        }
        KubernetesClient responder = scene.as(Actor.user("responder"));
        for (String way : WAYS_IN.subList(0, 3)) {
            reachesThePod(responder, POD, way);
        }
        reachesThePod(scene.unbounded(), POD, WAYS_IN.getFirst());

        scene.close(incident);
        Environments.until(
                "the closed incident to release the pod", () -> reachesThePod(scene.tenant(), POD, WAYS_IN.getFirst()));
    }

    /**
     * For a proxy, the API server also accepts NAME:PORT and SCHEME:NAME:PORT, and connects to the pod of that name.
     */
    @Test
    void aPortOrASchemeAroundTheNameIsNoWayIn() {
        scene.incident(scene.buildPod(POD));
        scene.buildPod("payments-1-1");
        Environments.until(
                "the incident to be known to the rail",
                () -> Refusal.of(() -> enter(scene.administrator(), POD, "proxy/"))
                        .by(RAIL));
        for (KubernetesClient other : List.of(scene.tenant(), scene.administrator())) {
            for (String name : List.of("%s:8080", "http:%s:8080", "https:%s:", ":%s:")) {
                Refusal.of(() -> enter(other, name.formatted(POD), "proxy/")).by(RAIL, "pod " + POD + " is held");
                reachesThePod(other, name.formatted("payments-1-1"), "proxy/");
            }
        }
    }

    /**
     * The pod has no node, and the API server says so to a request that passed admission. A rail would have refused
     * before.
     */
    private void reachesThePod(KubernetesClient by, String pod, String way) {
        var answer = catchThrowableOfType(KubernetesClientException.class, () -> enter(by, pod, way));
        assertThat(answer).isNotNull();
        assertThat(answer.getCode()).as(answer.getMessage()).isNotEqualTo(403);
        assertThat(answer.getMessage()).doesNotContain("ValidatingAdmissionPolicy");
    }

    private void enter(KubernetesClient by, String pod, String way) {
        by.raw("/api/v1/namespaces/" + scene.namespace() + "/pods/" + pod + "/" + way, "POST", "");
    }
}
