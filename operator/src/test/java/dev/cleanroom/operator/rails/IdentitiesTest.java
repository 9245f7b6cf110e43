package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Only the build's pod gets a token of the build's account. */
@LabTest
class IdentitiesTest {
    private static final String RAIL = "identities-are-private";
    private static final String ACCOUNT = "cleanroom-payments";

    private Scene scene;
    private List<KubernetesClient> others;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
        others = List.of(scene.administrator(), scene.as(scene.tenantWithEveryRight()));
        scene.operator()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(scene.namespace())
                        .withName(ACCOUNT)
                        .addToLabels("cleanroom.dev/environment", "payments")
                        .endMetadata()
                        .build())
                .create();
    }

    @Test
    void nobodyAsksForATokenButKubelets() {
        for (KubernetesClient other : others) {
            Refusal.of(() -> token(other, ACCOUNT)).by(RAIL, "see spec.identity of the BuildEnvironment");
            assertThat(token(other, "default")).isNotEmpty();
        }
        Refusal.of(() -> token(scene.unbounded(), ACCOUNT)).by(RAIL);
        Pod pod = scene.operator().resource(pod("payments-0-1", ACCOUNT)).create();
        assertThat(pod.getSpec().getServiceAccountName()).isEqualTo(ACCOUNT);
        assertThat(token(scene.as(Actor.kubelet().unbounded()), ACCOUNT)).isNotEmpty();
    }

    @Test
    void aSuspectGetsNoNewToken() {
        Pod pod = scene.operator().resource(pod("payments-0-1", ACCOUNT)).create();
        Pod sibling = scene.operator().resource(pod("payments-1-1", ACCOUNT)).create();
        KubernetesClient kubelet = scene.as(Actor.kubelet().unbounded());
        assertThat(token(kubelet, ACCOUNT, pod)).isNotEmpty();
        scene.quarantined("payments-0-1");
        var incident = scene.incident(pod);
        Environments.until(
                "the incident to be known to the rail",
                () -> Refusal.of(() -> token(kubelet, ACCOUNT, pod))
                        .by("no-tokens-for-suspects", incident.getMetadata().getName()));
        assertThat(token(kubelet, ACCOUNT, sibling)).isNotEmpty();
    }

    private String token(KubernetesClient by, String account, Pod pod) {
        return by.serviceAccounts()
                .inNamespace(scene.namespace())
                .withName(account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences("sts.example.com")
                        .withNewBoundObjectRef(
                                "v1",
                                "Pod",
                                pod.getMetadata().getName(),
                                pod.getMetadata().getUid())
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    @Test
    void noSecretIsFilledWithOne() {
        for (KubernetesClient other : others) {
            Refusal.of(() -> secret(other, "kubernetes.io/service-account-token", ACCOUNT))
                    .by(RAIL, "no Secret can hold a token of one");
        }
        secret(scene.tenant(), "kubernetes.io/service-account-token", "default");
        secret(scene.tenant(), "Opaque", ACCOUNT);
    }

    @Test
    void noOtherPodRunsUnderOne() {
        for (KubernetesClient other : others) {
            Refusal.of(() -> other.resource(new PodBuilder(pod("reader", ACCOUNT))
                                    .editMetadata()
                                    .withLabels(Map.of())
                                    .endMetadata()
                                    .build())
                            .create())
                    .by(RAIL, "Use an account of your own");
        }
    }

    private Pod pod(String name, String account) {
        return scene.requested(new PodBuilder(scene.gated(name, Map.of()))
                .editSpec()
                .withServiceAccountName(account)
                .endSpec()
                .build());
    }

    private String token(KubernetesClient by, String account) {
        return by.serviceAccounts()
                .inNamespace(scene.namespace())
                .withName(account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences("sts.example.com")
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    private void secret(KubernetesClient by, String type, String account) {
        by.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(scene.namespace())
                        .withGenerateName("s-")
                        .addToAnnotations("kubernetes.io/service-account.name", account)
                        .endMetadata()
                        .withType(type)
                        .build())
                .create();
    }
}
