package dev.cleanroom.operator.classes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A class lends its secrets only to environments that may use it: an environment that only names it gets none. */
class LentSecretsTest {
    private static final BuildEnvironmentClass LENDING = buildClass("""
            metadata: {name: lending}
            spec:
              allowedNamespaces: {matchLabels: {team: payments}}
              verificationPullSecrets: [{name: mirror}, {name: builders}]
            """);
    private static final BuildEnvironmentClass PLAIN = buildClass("""
            metadata: {name: plain, annotations: {cleanroom.dev/is-default-class: "true"}}
            spec: {}
            """);
    private static final Optional<Map<String, String>> PAYMENTS = Optional.of(Map.of("team", "payments"));

    private static BuildEnvironmentClass buildClass(String yaml) {
        return Serialization.unmarshal(yaml, BuildEnvironmentClass.class);
    }

    private static List<String> lent(String spec, Optional<Map<String, String>> namespaceLabels) {
        return LentSecrets.of(
                Serialization.unmarshal(spec, BuildEnvironmentSpec.class), List.of(LENDING, PLAIN), namespaceLabels);
    }

    @Test
    void whoMayUseTheClassGetsThemInItsOrder() {
        assertThat(lent("className: lending", PAYMENTS)).containsExactly("mirror", "builders");
    }

    @Test
    void whoMayNotGetsNone() {
        assertThat(lent("className: lending", Optional.of(Map.of("team", "other"))))
                .isEmpty();
        assertThat(lent("className: lending", Optional.empty()))
                .as("not open for builds")
                .isEmpty();
    }

    @Test
    void anotherClassOrNoneLendsNothing() {
        assertThat(lent("className: plain", PAYMENTS)).isEmpty();
        assertThat(lent("image: registry.example.com/a", PAYMENTS))
                .as("the default class")
                .isEmpty();
        assertThat(lent("className: gone", PAYMENTS)).isEmpty();
    }
}
