package dev.cleanroom.operator.incident.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.operator.kube.Api.Operation;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the pod of an incident is moved to quarantined. */
class CutTest {
    private static final Instant OPENED = Instant.parse("2026-01-01T00:00:00Z");

    private static final BuildIncident INCIDENT = Serialization.unmarshal("""
            metadata: {namespace: team, name: payments-0-1-3f1c2a77, creationTimestamp: "%s"}
            spec:
              subject: {name: payments-0-1, uid: 3f1c2a77}
              trigger: {source: Manual, reason: seen in a log}
            """.formatted(OPENED), BuildIncident.class);

    @ParameterizedTest
    @ValueSource(strings = {"preparing", "active"})
    void aPodThatIsNotHeldYetIsQuarantinedAtOnceWhateverItsOrder(String state) {
        Plan plan = IncidentDecision.cut(INCIDENT, Optional.of(pod(state)), OPENED);
        assertThat(plan.writes()).singleElement().isInstanceOfSatisfying(Write.TestedPatch.class, patch -> {
            assertThat(patch.reason()).isEqualTo("IncidentOpened");
            assertThat(patch.atLeast())
                    .contains(
                            new Operation("test", "/metadata/labels/cleanroom.dev~1state", state),
                            new Operation("replace", "/metadata/labels/cleanroom.dev~1state", "quarantined"));
        });
    }

    @Test
    void onlyASuspectWaitsUntilItIsPreserved() {
        Plan waiting = IncidentDecision.cut(INCIDENT, Optional.of(pod("suspect")), OPENED);
        assertThat(waiting.writes()).isEmpty();
        assertThat(waiting.wakeUp()).contains(OPENED.plus(IncidentDecision.PRESERVE_TIME));
        assertThat(IncidentDecision.cut(INCIDENT, Optional.of(pod("quarantined")), OPENED))
                .isEqualTo(Plan.NOTHING);
    }

    private static Pod pod(String state) {
        return Serialization.unmarshal("""
                metadata:
                  namespace: team
                  name: payments-0-1
                  uid: 3f1c2a77
                  labels: {cleanroom.dev/environment: payments, cleanroom.dev/state: %s}
                  annotations: {cleanroom.dev/order: PreserveFirst}
                """.formatted(state), Pod.class);
    }
}
