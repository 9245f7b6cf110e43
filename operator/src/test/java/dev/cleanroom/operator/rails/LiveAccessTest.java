package dev.cleanroom.operator.rails;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only responders and the operator enter a suspect pod. */
@LabTest
class LiveAccessTest {
    private static final String RAIL = "no-live-access";
    private static final String POD = "payments-0-1";
    private static final String RESPONDER = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: responder, namespace: %s}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cleanroom-responder}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: responder}]
            """;

    private Scene scene;
    private WaysIn ways;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
        ways = new WaysIn(scene.namespace());
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
                () -> Refusal.of(() -> ways.enter(scene.administrator(), POD, "exec?command=sh"))
                        .by(
                                RAIL,
                                "requires the verb resolve",
                                incident.getMetadata().getName()));
        for (KubernetesClient other : List.of(scene.tenant(), scene.administrator())) {
            for (String way : WaysIn.ALL) {
                Refusal.of(() -> ways.enter(other, POD, way)).by(RAIL);
                ways.reach(other, "payments-1-1", way);
            }
        }
        KubernetesClient responder = scene.as(Actor.user("responder"));
        for (String way : WaysIn.ALL.subList(0, 3)) {
            ways.reach(responder, POD, way);
        }
        ways.reach(scene.unbounded(), POD, WaysIn.ALL.getFirst());

        scene.close(incident);
        Environments.until(
                "the closed incident to release the pod", () -> ways.reach(scene.tenant(), POD, WaysIn.ALL.getFirst()));
    }

    @Test
    void aPortOrASchemeAroundTheNameIsNoWayIn() {
        scene.incident(scene.buildPod(POD));
        scene.buildPod("payments-1-1");
        Environments.until(
                "the incident to be known to the rail",
                () -> Refusal.of(() -> ways.enter(scene.administrator(), POD, "proxy/"))
                        .by(RAIL));
        for (KubernetesClient other : List.of(scene.tenant(), scene.administrator())) {
            for (String name : WaysIn.OTHER_NAMES) {
                Refusal.of(() -> ways.enter(other, name.formatted(POD), "proxy/"))
                        .by(RAIL, "pod " + POD + " is held");
                ways.reach(other, name.formatted("payments-1-1"), "proxy/");
            }
        }
    }
}
