package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nobody lifts a quarantine. */
@LabTest
class StateMovesForwardTest {
    private static final String RAIL = "state-moves-forward";

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
    }

    @Test
    void neitherOperatorNorAdministratorNorKubeletTakesItBack() {
        scene.buildPod("payments-0-1");
        scene.patch(scene.operator(), "payments-0-1", Scene.state("suspect"));
        scene.patch(scene.operator(), "payments-0-1", Scene.state("quarantined"));
        for (String back : List.of("suspect", "active", "anything")) {
            Refusal.of(() -> scene.patch(scene.operator(), "payments-0-1", Scene.state(back)))
                    .by(RAIL, "only moves forward", "a quarantine is not lifted");
            Refusal.of(() -> scene.patch(scene.administrator(), "payments-0-1", Scene.state(back)))
                    .by(RAIL, "a quarantine is not lifted");
        }
        Refusal.of(() -> scene.patch(
                        scene.operator(), "payments-0-1", "{\"metadata\":{\"labels\":{\"cleanroom.dev/state\":null}}}"))
                .by(RAIL);
        Refusal.of(() -> scene.patch(
                        scene.as(Actor.kubelet().unbounded()), "payments-0-1", "status", Scene.state("active")))
                .by(RAIL);
    }

    @Test
    void aTenantMovesItForwardOnly() {
        scene.buildPod("payments-0-1", Map.of("cleanroom.dev/order", "PreserveFirst"));
        assertThat(scene.patch(scene.tenant(), "payments-0-1", Scene.state("suspect"))
                        .getMetadata()
                        .getLabels())
                .containsEntry("cleanroom.dev/state", "suspect");
        scene.patch(scene.tenant(), "payments-0-1", Scene.state("quarantined"));
        Refusal.of(() -> scene.patch(scene.tenant(), "payments-0-1", Scene.state("suspect")))
                .by(RAIL);
    }
}
