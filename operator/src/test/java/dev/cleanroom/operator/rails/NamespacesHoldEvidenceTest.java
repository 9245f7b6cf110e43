package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import org.junit.jupiter.api.Test;

/** A namespace is not deleted while one of its incidents is open. */
@LabTest
class NamespacesHoldEvidenceTest {

    @Test
    void oneOpenIncidentHoldsItsNamespaceAndNoOther(Lab lab) {
        Scene scene = Scene.open(lab);
        Scene other = Scene.open(lab);
        var incident = scene.incident(scene.buildPod("payments-0-1"));
        var second = scene.incident(scene.buildPod("payments-1-1"));
        for (Actor actor : new Actor[] {Actor.user(Scene.ADMINISTRATOR), Actor.operatorUnbounded()}) {
            Environments.until(
                    "the namespace to be held",
                    () -> Refusal.of(() -> scene.as(actor)
                                    .namespaces()
                                    .withName(scene.namespace())
                                    .delete())
                            .by("namespaces-hold-evidence", "kubectl get incident -n " + scene.namespace()));
        }
        scene.close(incident);
        scene.release(incident);
        Refusal.of(() -> scene.administrator()
                        .namespaces()
                        .withName(scene.namespace())
                        .delete())
                .by("namespaces-hold-evidence", second.getMetadata().getName());

        other.administrator().namespaces().withName(other.namespace()).delete();
        scene.close(second);
        scene.release(second);
        Environments.until(
                "the deletion of the namespace to be accepted",
                () -> assertThatCode(() -> scene.administrator()
                                .namespaces()
                                .withName(scene.namespace())
                                .delete())
                        .doesNotThrowAnyException());
        Environments.until(
                "the namespace to go, closed incidents with it",
                () -> assertThat(scene.administrator()
                                .namespaces()
                                .withName(scene.namespace())
                                .get())
                        .isNull());
    }
}
