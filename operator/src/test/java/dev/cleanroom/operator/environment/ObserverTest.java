package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which pods have an incident that counts: of what has none, the rebuild gate waits for one. */
class ObserverTest {
    /** Made by hand: a leader that ended between the cut and the incident's relation left a pod that Manual replaced. */
    @Test
    void anIncidentThatSaysNothingOfItsEnvironmentReportsNoPod() {
        BuildIncident byHand = incident("pod-1", "");
        BuildIncident related = incident("pod-2", "cleanroom.dev/environment-uid: uid-1");
        BuildIncident ofAFormerEnvironment = incident("pod-3", "cleanroom.dev/environment-uid: uid-0");
        assertThat(Observer.reported(List.of(byHand, related, ofAFormerEnvironment)))
                .containsExactlyInAnyOrder("pod-2", "pod-3");
    }

    private static BuildIncident incident(String podUid, String annotations) {
        return Serialization.unmarshal("""
                metadata:
                  name: payments-0-1-%s
                  labels: {cleanroom.dev/environment: payments}
                  annotations: {%s}
                spec:
                  subject: {name: payments-0-1, uid: %s}
                  trigger: {source: Manual, reason: seen in a log}
                """.formatted(podUid, annotations, podUid), BuildIncident.class);
    }
}
