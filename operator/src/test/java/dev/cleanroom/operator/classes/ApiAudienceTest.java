package dev.cleanroom.operator.classes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiAudienceTest {
    private static final Set<String> OWN = Set.of("https://issuer.example.com/cluster-1");

    /** The usual ones too: an object may be older than the CRD's rule. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://issuer.example.com/cluster-1",
                "https://kubernetes.default.svc.cluster.local",
                "https://kubernetes.default.svc.example.com",
                "https://kubernetes.default.svc",
                "kubernetes.default",
                "https://kubernetes",
                "kubernetes.svc.default",
                "k3s"
            })
    void theApiServersOwnIsRefusedWhateverTheClassLists(String audience) {
        assertThat(asked(audience)).hasValueSatisfying(refused -> {
            assertThat(refused.reason()).isEqualTo(Reasons.NOT_ALLOWED);
            assertThat(refused.message()).startsWith("spec.identity.audiences: " + audience);
        });
        assertThat(ApiAudience.listed(
                        Serialization.unmarshal(
                                        "spec: {identity: {allowed: {audiences: [b, '" + audience + "']}}}",
                                        BuildEnvironmentClass.class)
                                .getSpec(),
                        OWN))
                .hasValueSatisfying(
                        message -> assertThat(message).startsWith("spec.identity.allowed.audiences: " + audience));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sts.example.com",
                "https://issuer.example.com/cluster-2",
                "https://kubernetes.example.com",
                "https://kubernetes.default.example.com",
                "kubernetes",
                "vault",
                "api://AzureADTokenExchange"
            })
    void anotherSystemsIsNot(String audience) {
        assertThat(asked(audience)).isEmpty();
    }

    @Test
    void noIdentityAsksForNone() {
        assertThat(ApiAudience.asked(
                        Manifests.environment("spec: {image: a, command: [a]}").getSpec(), OWN))
                .isEmpty();
        assertThat(ApiAudience.listed(
                        Serialization.unmarshal("spec: {identity: {}}", BuildEnvironmentClass.class)
                                .getSpec(),
                        OWN))
                .isEmpty();
    }

    private static Optional<Refusal> asked(String audience) {
        return ApiAudience.asked(
                Manifests.environment("spec: {image: a, command: [a], identity: {audiences: [b, '" + audience + "']}}")
                        .getSpec(),
                OWN);
    }
}
