package dev.cleanroom.operator.containment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.kube.Api.Operation;
import dev.cleanroom.operator.pod.PodState;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlipTest {
    private static final String REQUEST = "cleanroom.dev/quarantine";

    @ParameterizedTest
    @CsvSource({
        "preparing, IsolateFirst, QUARANTINED",
        "preparing, PreserveFirst, QUARANTINED",
        "active, IsolateFirst, QUARANTINED",
        "active, PreserveFirst, SUSPECT"
    })
    void onlyAnActivePodThatIsPreservedFirstBecomesSuspect(String state, String order, PodState wanted) {
        Pod asked = pod(state, Map.of("cleanroom.dev/order", order, REQUEST, "odd egress"));
        assertThat(Flip.wanted(asked, Optional.empty()))
                .hasValueSatisfying(flip -> assertThat(flip.to()).isEqualTo(wanted));
        Pod ofEnvironment = pod(state, Map.of("cleanroom.dev/order", order));
        assertThat(Flip.wanted(ofEnvironment, Optional.of(environment())))
                .hasValueSatisfying(flip -> assertThat(flip.to()).isEqualTo(wanted));
    }

    /** If the operator's step comes first, the flip must not be applied to a pod that it was not decided for. */
    @Test
    void itTestsTheStateThatItWasDecidedFor() {
        Flip flip = Flip.wanted(pod("preparing", Map.of(REQUEST, "odd egress")), Optional.empty())
                .orElseThrow();
        assertThat(flip.operations())
                .isEqualTo(List.of(
                        new Operation("test", "/metadata/uid", "3f1c2a77"),
                        new Operation("test", "/metadata/labels/cleanroom.dev~1state", "preparing"),
                        new Operation("replace", "/metadata/labels/cleanroom.dev~1state", "quarantined")));
    }

    @ParameterizedTest
    @CsvSource({"suspect", "quarantined", "unheard-of"})
    void aHeldPodIsLeftToItsIncident(String state) {
        assertThat(Flip.wanted(pod(state, Map.of(REQUEST, "odd egress")), Optional.of(environment())))
                .isEmpty();
    }

    private static Pod pod(String state, Map<String, String> annotations) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("team")
                .withName("payments-0-1")
                .withUid("3f1c2a77")
                .addToLabels("cleanroom.dev/state", state)
                .withAnnotations(annotations)
                .endMetadata()
                .build();
    }

    private static BuildEnvironment environment() {
        var environment = new BuildEnvironment();
        environment.setMetadata(
                new ObjectMetaBuilder().addToAnnotations(REQUEST, "advisory").build());
        return environment;
    }
}
