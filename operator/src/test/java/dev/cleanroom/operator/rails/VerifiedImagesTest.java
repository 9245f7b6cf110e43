package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only verified images run in a build pod, also after a webhook added a sidecar to the operator's own request. */
@LabTest
class VerifiedImagesTest {
    private static final String RAIL = "verified-is-what-runs";
    private static final String SIDECAR = "registry.example.com/mesh/proxy:1.2";

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
    }

    @Test
    void whatIsInjectedIsRefusedByName() {
        Pod pod = scene.requested(scene.gated("payments-0-1", Map.of()));
        var sidecar =
                new ContainerBuilder().withName("proxy").withImage(SIDECAR).build();
        for (Pod changed : List.of(
                new PodBuilder(pod)
                        .editSpec()
                        .addToContainers(sidecar)
                        .endSpec()
                        .build(),
                new PodBuilder(pod)
                        .editSpec()
                        .addToInitContainers(sidecar)
                        .endSpec()
                        .build(),
                new PodBuilder(pod)
                        .editSpec()
                        .addNewVolume()
                        .withName("i")
                        .withNewImage("IfNotPresent", SIDECAR)
                        .endVolume()
                        .endSpec()
                        .build())) {
            Refusal.of(() -> scene.operator().resource(changed).create()).byEither(RAIL, "requested-is-what-runs");
        }
        scene.operator().resource(pod).create();
    }

    @Test
    void aTagIsNoImageEvenIfListed() {
        Pod pod = scene.gated("payments-0-1", Map.of("cleanroom.dev/images", Manifests.IMAGE + " " + SIDECAR));
        Refusal.of(() -> scene.operator()
                        .resource(new PodBuilder(pod)
                                .editSpec()
                                .addNewContainer()
                                .withName("proxy")
                                .withImage(SIDECAR)
                                .endContainer()
                                .endSpec()
                                .build())
                        .create())
                .byEither(RAIL, "requested-is-what-runs");
    }

    @Test
    void aContainerAddedLaterMustBeListed() {
        scene.buildPod("payments-0-1");
        String collector = """
                {"spec":{"ephemeralContainers":[{"name":"collector","image":"%s"}]}}""";
        Refusal.of(() -> scene.patch(
                        scene.unbounded(),
                        "payments-0-1",
                        "ephemeralcontainers",
                        collector.formatted(Manifests.OTHER_IMAGE)))
                .by(RAIL, Manifests.OTHER_IMAGE);
        scene.annotate(
                scene.operator(),
                "payments-0-1",
                "cleanroom.dev/images",
                Manifests.IMAGE + " " + Manifests.OTHER_IMAGE);
        assertThat(scene.patch(
                                scene.unbounded(),
                                "payments-0-1",
                                "ephemeralcontainers",
                                collector.formatted(Manifests.OTHER_IMAGE))
                        .getSpec()
                        .getEphemeralContainers())
                .hasSize(1);
    }

    @Test
    void aPodOfAnOlderOperatorIsStillQuarantined(Lab lab) {
        // Made before its namespace was opened, as it would have been before the rails came.
        Scene before = Scene.notForBuilds(lab);
        before.operator()
                .resource(before.gated("payments-0-1", Map.of("cleanroom.dev/images", "")))
                .create();
        before.administrator()
                .namespaces()
                .withName(before.namespace())
                .patch("{\"metadata\":{\"labels\":{\"cleanroom.dev/builds\":\"enabled\"}}}");
        assertThat(before.annotate(before.operator(), "payments-0-1", "cleanroom.dev/quarantine", "odd"))
                .isNotNull();
    }
}
