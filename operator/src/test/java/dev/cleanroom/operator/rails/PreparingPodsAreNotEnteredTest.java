package dev.cleanroom.operator.rails;

import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nobody enters a pod whose build waits, since it still has the network of its prepare steps. */
@LabTest
class PreparingPodsAreNotEnteredTest {
    private static final String RAIL = "preparing-pods-are-not-entered";
    private static final String POD = "payments-0-1";
    private static final String ACTIVE = "payments-1-1";

    private Scene scene;
    private WaysIn ways;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
        ways = new WaysIn(scene.namespace());
        scene.buildPod(ACTIVE);
        scene.preparingPod(POD, Map.of());
        Environments.until(
                "the pod to be known to the rail",
                () -> Refusal.of(() -> ways.enter(scene.administrator(), POD, WaysIn.ALL.getFirst()))
                        .by(RAIL));
    }

    @Test
    void neitherTenantNorAdministratorNorOperatorEntersItBeforeItIsActive() {
        List<KubernetesClient> all = List.of(scene.tenant(), scene.administrator(), scene.unbounded());
        for (KubernetesClient anyone : all) {
            for (String way : WaysIn.ALL) {
                Refusal.of(() -> ways.enter(anyone, POD, way))
                        .by(RAIL, "pod " + POD + " is preparing", "you can read its log", "add a step to spec.prepare");
                ways.reach(anyone, ACTIVE, way);
            }
        }

        scene.patch(scene.operator(), POD, Scene.state("active"));
        Environments.until(
                "the rail to know the new state", () -> ways.reach(scene.tenant(), POD, WaysIn.ALL.getFirst()));
        for (KubernetesClient anyone : all) {
            WaysIn.ALL.forEach(way -> ways.reach(anyone, POD, way));
        }
    }

    @Test
    void aPortOrASchemeAroundTheNameIsNoWayIn() {
        for (String name : WaysIn.OTHER_NAMES) {
            Refusal.of(() -> ways.enter(scene.tenant(), name.formatted(POD), "proxy/"))
                    .by(RAIL, "pod " + POD + " is preparing");
            ways.reach(scene.tenant(), name.formatted(ACTIVE), "proxy/");
        }
    }
}
