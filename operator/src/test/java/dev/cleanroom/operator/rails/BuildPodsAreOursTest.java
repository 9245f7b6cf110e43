package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only the operator creates or changes build pods. */
@LabTest
class BuildPodsAreOursTest {
    private static final String RAIL = "build-pods-are-ours";
    private static final String POD = "payments-0-1";

    private Scene scene;
    private List<KubernetesClient> others;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
        others = List.of(scene.tenant(), scene.administrator());
    }

    @Test
    void onlyTheOperatorMakesThem() {
        for (KubernetesClient other : others) {
            Refusal.of(() -> other.resource(scene.gated(POD, Map.of())).create())
                    .by(RAIL, "apply a BuildEnvironment");
        }
        assertThat(scene.buildPod(POD)).isNotNull();
    }

    @Test
    void onlyTheOperatorWithItsPodsTokenIsTheOperator() {
        KubernetesClient impersonated = scene.as(Actor.operatorImpersonated().unbounded());
        Refusal.of(() -> impersonated.resource(scene.gated(POD, Map.of())).create())
                .by(RAIL);
    }

    @Test
    void aForeignPodDoesNotBecomeOne() {
        scene.tenant().resource(scene.plainPod("web")).create();
        Refusal.of(() -> scene.patch(
                        scene.tenant(),
                        "web",
                        "{\"metadata\":{\"labels\":{\"cleanroom.dev/environment\":\"payments\"}}}"))
                .by(RAIL);
    }

    @Test
    void labelsAreFrozenForeignOnesToo() {
        scene.buildPod(POD);
        for (KubernetesClient other : others) {
            Refusal.of(() -> scene.patch(other, POD, "{\"metadata\":{\"labels\":{\"app\":\"web\"}}}"))
                    .by(
                            RAIL,
                            "kubectl annotate pod " + POD + " -n " + scene.namespace()
                                    + " cleanroom.dev/quarantine=\"why\"");
            Refusal.of(() ->
                            scene.patch(other, POD, "{\"metadata\":{\"labels\":{\"cleanroom.dev/environment\":null}}}"))
                    .by(RAIL);
        }
        Refusal.of(() -> scene.patch(
                        scene.as(Actor.kubelet().unbounded()),
                        POD,
                        "status",
                        "{\"metadata\":{\"labels\":{\"app\":\"web\"}}}"))
                .by(RAIL);
    }

    /** For a pod with another order, that would be a quarantine without isolation. */
    @Test
    void aPodThatIsNotPreservedFirstBecomesNoSuspect() {
        scene.buildPod(POD);
        for (KubernetesClient other : others) {
            Refusal.of(() -> scene.patch(other, POD, Scene.state("suspect"))).by(RAIL, "order is PreserveFirst");
            Refusal.of(() -> scene.patch(other, POD, """
                            {"metadata":{"labels":{"cleanroom.dev/state":"suspect"},
                            "annotations":{"cleanroom.dev/quarantine":"odd"}}}""")).by(RAIL, "order is PreserveFirst");
        }
        scene.patch(scene.tenant(), POD, Scene.state("quarantined"));
    }

    @Test
    void annotationsAreFreeButForOurs() {
        scene.buildPod(POD);
        for (KubernetesClient other : others) {
            scene.annotate(other, POD, "lab.example.com/note", "mine");
            for (String ours :
                    List.of("images", "order", "spec-hash", "rerun", "answered", "quarantined-by", "anything")) {
                Refusal.of(() -> scene.annotate(other, POD, "cleanroom.dev/" + ours, "x"))
                        .by(RAIL, "the only annotation under cleanroom.dev/ that you can set");
            }
            Refusal.of(() ->
                            scene.patch(other, POD, "{\"metadata\":{\"annotations\":{\"cleanroom.dev/images\":null}}}"))
                    .by(RAIL);
        }
        assertThat(scene.annotate(scene.tenant(), POD, "cleanroom.dev/quarantine", "odd")
                        .getMetadata()
                        .getAnnotations())
                .containsEntry("cleanroom.dev/quarantine", "odd");
    }

    /** The mutating policy sets quarantined-by in the request of whoever annotates the pod. */
    @Test
    void whoAskedIsSetOnceWhileTheBuildWaitsOrRuns() {
        scene.buildPod(POD);
        scene.preparingPod("payments-1-1", Map.of());
        for (String pod : List.of(POD, "payments-1-1")) {
            Refusal.of(() -> scene.patch(scene.administrator(), pod, quarantinedBy("somebody else")))
                    .by(RAIL, "the only annotation under cleanroom.dev/ that you can set");
            scene.patch(scene.administrator(), pod, quarantinedBy(Scene.ADMINISTRATOR));
        }
        for (KubernetesClient other : others) {
            Refusal.of(() -> scene.patch(other, "payments-1-1", "{\"metadata\":{\"labels\":{\"app\":\"web\"}}}"))
                    .by(RAIL);
        }
    }

    private static String quarantinedBy(String user) {
        return """
                {"metadata":{"labels":{"cleanroom.dev/state":"quarantined"},"annotations":{
                "cleanroom.dev/quarantine":"odd","cleanroom.dev/quarantined-by":"%s"}}}""".formatted(user);
    }

    @Test
    void theSpecIsFrozen() {
        scene.buildPod(POD);
        for (KubernetesClient other : others) {
            Refusal.of(() -> scene.patch(other, POD, "{\"spec\":{\"activeDeadlineSeconds\":1}}"))
                    .by(RAIL, "Change the BuildEnvironment");
            Refusal.of(() -> scene.patch(other, POD, "{\"spec\":{\"schedulingGates\":null}}"))
                    .by(RAIL);
        }
    }

    @Test
    void nobodyAddsAContainerOrResizes() {
        scene.buildPod(POD);
        String debug = """
                {"spec":{"ephemeralContainers":[{"name":"debug","image":"%s"}]}}""".formatted(Manifests.IMAGE);
        for (KubernetesClient other : List.of(scene.administrator(), scene.as(scene.tenantWithEveryRight()))) {
            Refusal.of(() -> scene.patch(other, POD, "ephemeralcontainers", debug))
                    .by(RAIL, "nobody can add a container");
            Refusal.of(
                            () -> scene.patch(
                                    other,
                                    POD,
                                    "resize",
                                    "{\"spec\":{\"containers\":[{\"name\":\"build\",\"resources\":{\"limits\":{\"cpu\":\"30m\"}}}]}}"))
                    .by(RAIL, "or resize it");
        }
    }

    @Test
    void ownersAndFinalizersAreFrozenButForTheGarbageCollector() {
        scene.buildPod(POD);
        String owner = """
                {"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Namespace","name":"%s","uid":"%s"}]}}""".formatted(
                        scene.namespace(),
                        scene.administrator()
                                .namespaces()
                                .withName(scene.namespace())
                                .get()
                                .getMetadata()
                                .getUid());
        for (KubernetesClient other : others) {
            Refusal.of(() -> scene.patch(other, POD, owner)).by(RAIL, "decide when it is deleted");
            Refusal.of(() -> scene.patch(other, POD, "{\"metadata\":{\"finalizers\":[\"example.com/held\"]}}"))
                    .by(RAIL);
        }
        scene.patch(scene.operator(), POD, owner);
        scene.patch(
                scene.as(Actor.controller("generic-garbage-collector").unbounded()),
                POD,
                "{\"metadata\":{\"ownerReferences\":null}}");
    }

    @Test
    void whatKubernetesWritesIsLetThrough() {
        scene.runningBuildPod(POD);
        assertThat(scene.patch(
                                scene.as(Actor.controller("node-controller").unbounded()),
                                POD,
                                "status",
                                "{\"status\":{\"reason\":\"NodeLost\"}}")
                        .getStatus()
                        .getReason())
                .isEqualTo("NodeLost");
    }
}
