package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.operator.environment.model.Owned;
import dev.cleanroom.operator.environment.model.RunRecords;
import dev.cleanroom.operator.environment.model.Surroundings.DenyAll;
import dev.cleanroom.operator.kube.Clients;
import dev.cleanroom.operator.network.DenyAllPolicy;
import dev.cleanroom.operator.pod.BuildPod;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which pods have an incident that counts: of what has none, the rebuild gate waits for one. */
class ObserverTest {
    /** Made by hand: a leader that ended between the cut and the incident's relation left a pod that Manual replaced. */
    @Test
    void anIncidentThatSaysNothingOfItsEnvironmentReportsNoPod() {
        BuildIncident byHand = incident("pod-1", "");
        BuildIncident related = incident("pod-2", "cleanroom.dev/environment-uid: uid-1");
        BuildIncident ofAFormerEnvironment = incident("pod-3", "cleanroom.dev/environment-uid: uid-0");
        BuildIncident ofAnOrphan = incident("pod-4", "cleanroom.dev/environment-uid: ''");
        assertThat(Observer.reported(List.of(byHand, related, ofAFormerEnvironment, ofAnOrphan)))
                .containsExactlyInAnyOrder("pod-2", "pod-3", "pod-4");
    }

    /** Held or not, closed or not: a pod that is gone was under suspicion all the same. */
    @Test
    void aSuspectIsAPodThatIsHeldOrHasAnIncident() {
        BuildPod held = pod("pod-1", "quarantined");
        BuildPod suspect = pod("pod-2", "suspect");
        BuildPod active = pod("pod-3", "active");
        assertThat(new Owned(
                                List.of(held, suspect, active),
                                Map.of(),
                                Optional.empty(),
                                List.of(),
                                Set.of("pod-1", "pod-0"),
                                Map.of(),
                                RunRecords.NONE)
                        .suspects())
                .containsExactlyInAnyOrder("pod-0", "pod-1", "pod-2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "deny-all | cleanroom.dev/environment | false | STORED",
                "deny-all | cleanroom.dev/environment | true  | CONFIRMED",
                "egress   | cleanroom.dev/environment | true  | TAKEN",
                "''       | cleanroom.dev/environment | true  | TAKEN",
                "deny-all | example.com/no-pod        | true  | TAKEN"
            })
    void onlyThePolicyThatCleanroomCreatesIsDenyAll(
            String component, String selected, boolean answered, DenyAll expected) {
        NetworkPolicy policy = DenyAllPolicy.build("team");
        policy.getMetadata().setLabels(Map.of("cleanroom.dev/component", component));
        policy.getSpec().getPodSelector().getMatchExpressions().getFirst().setKey(selected);
        assertThat(Observer.denyAll(asRead(policy), answered)).isEqualTo(expected);

        policy.getMetadata().setLabels(null);
        assertThat(Observer.denyAll(asRead(policy), answered)).isEqualTo(DenyAll.TAKEN);
        policy.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        assertThat(Observer.denyAll(asRead(policy), answered)).isEqualTo(DenyAll.TERMINATING);
    }

    private static NetworkPolicy asRead(NetworkPolicy policy) {
        Config nowhere = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://localhost:1")
                .build();
        try (KubernetesClient client = Clients.forWriting(nowhere)) {
            KubernetesSerialization json = client.getKubernetesSerialization();
            return json.unmarshal(json.asJson(policy), NetworkPolicy.class);
        }
    }

    private static BuildPod pod(String uid, String state) {
        return BuildPod.of("payments", Serialization.unmarshal("""
                                apiVersion: v1
                                kind: Pod
                                metadata:
                                  name: payments-0-1
                                  namespace: team
                                  uid: %s
                                  resourceVersion: "1"
                                  creationTimestamp: 2026-01-01T00:00:00Z
                                  labels: {cleanroom.dev/environment: payments, cleanroom.dev/state: %s}
                                """.formatted(uid, state), Pod.class))
                .orElseThrow();
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
