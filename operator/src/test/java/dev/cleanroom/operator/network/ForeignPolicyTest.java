package dev.cleanroom.operator.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.kube.Clients;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which network policies of others open build pods: the same answers as the guard rail gives. */
class ForeignPolicyTest {
    private static final String OPERATOR_NAMESPACE = "cleanroom-system";
    private static final KubernetesSerialization JSON = asTheOperatorReads();

    private static KubernetesSerialization asTheOperatorReads() {
        Config nowhere = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://localhost:1")
                .build();
        try (KubernetesClient client = Clients.forWriting(nowhere)) {
            return client.getKubernetesSerialization();
        }
    }

    private static boolean isForeign(String name, String spec) {
        return isForeign("""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata:
                  name: %s
                  namespace: team
                  labels: {cleanroom.dev/component: egress}
                  annotations: {cleanroom.dev/opens: none}
                spec: %s
                """.formatted(name, spec));
    }

    /** As it is read: what is kept of it is not the spec. */
    private static boolean isForeign(String policy) {
        return ForeignPolicy.is(JSON.unmarshal(policy, NetworkPolicy.class), OPERATOR_NAMESPACE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{podSelector: {}, ingress: [{}]}",
                "{ingress: [{}]}",
                "{podSelector: {}, policyTypes: [Egress], egress: [{}]}",
                "{podSelector: {matchLabels: {app: web}}, ingress: [{}]}",
                "{podSelector: {matchLabels: {cleanroom.dev/environment: payments}}, egress: [{}]}",
                "{podSelector: {matchExpressions: [{key: cleanroom.dev/environment, operator: Exists}]}, ingress: [{}]}",
                "{podSelector: {matchExpressions: [{key: cleanroom.dev/state, operator: DoesNotExist}]}, ingress: [{}]}"
            })
    void whatAllowsAndMaySelectABuildPodIsForeign(String spec) {
        assertThat(isForeign("mine", spec)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{podSelector: {}, policyTypes: [Ingress, Egress]}",
                "{podSelector: {matchExpressions: [{key: cleanroom.dev/environment, operator: DoesNotExist}]}, ingress: [{}]}",
                "{podSelector: {matchLabels: {app: web}, matchExpressions: [{key: cleanroom.dev/environment, operator: DoesNotExist}]}, egress: [{}]}"
            })
    void whatAllowsNothingOrLeavesBuildPodsOutIsNot(String spec) {
        assertThat(isForeign("mine", spec)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cleanroom-payments | {podSelector: {matchLabels: {cleanroom.dev/environment: payments}}, egress: [{}]} | false",
                "cleanroom-payments | {podSelector: {}, egress: [{}]} | true",
                "cleanroom-payments | {podSelector: {matchLabels: {cleanroom.dev/environment: other}}, egress: [{}]} | true",
                "cleanroom.deny-all | {podSelector: {}, ingress: [{}]} | true",
                "cleanroom.beacon | {podSelector: {}, egress: [{}]} | true"
            })
    void aNameOfOursCountsWhereItOpensWhatItIsFor(String name, String spec, boolean foreign) {
        assertThat(isForeign(name, spec)).isEqualTo(foreign);
    }

    @Test
    void theBeaconPolicyAsItIsMadeIsOurs() {
        NetworkPolicy beacon = new NetworkPolicyBuilder(BeaconPolicy.build("team", OPERATOR_NAMESPACE)).build();
        assertThat(isForeign(JSON.asJson(beacon))).isFalse();
        beacon.getSpec().getEgress().getFirst().setTo(null);
        assertThat(isForeign(JSON.asJson(beacon))).isTrue();
    }
}
