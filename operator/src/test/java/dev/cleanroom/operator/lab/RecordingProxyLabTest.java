package dev.cleanroom.operator.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The proxy between the client that the operator uses and a real API server. */
@LabTest
class RecordingProxyLabTest {
    private Lab lab;
    private RecordingProxy proxy;
    private KubernetesClient client;
    private String namespace;
    private Predicate<RecordedRequest> writes;

    @BeforeEach
    void connect(Lab given) {
        lab = given;
        namespace = lab.namespace();
        writes = Requests.writes().and(Requests.in(namespace));
        proxy = RecordingProxy.inFrontOf(lab.cluster().adminConfig());
        Config config = Kubeconfig.read(lab.kubeconfig(proxy));
        config.setHttp2Disable(true);
        // The client tries again for half a minute by itself, which a cut connection would make a test wait for.
        config.setRequestRetryBackoffLimit(0);
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    @AfterEach
    void disconnect() {
        client.close();
        proxy.close();
    }

    @Test
    void carriesReadsAndWrites() {
        create("a");

        assertThat(stored("a")).isNotNull();
        assertThat(proxy.requests(writes)).singleElement().satisfies(write -> {
            assertThat(write.method()).isEqualTo("POST");
            assertThat(write.status()).isEqualTo(201);
            assertThat(write.body()).contains("\"kind\":\"ConfigMap\"");
            assertThat(write.userAgent()).isNotEmpty();
        });
    }

    @Test
    void carriesInformers() {
        try (SharedIndexInformer<ConfigMap> informer =
                client.configMaps().inNamespace(namespace).inform()) {
            lab.admin().resource(configMap("seen")).create();

            Awaitility.await()
                    .untilAsserted(() -> assertThat(informer.getStore().list())
                            .extracting(item -> item.getMetadata().getName())
                            .contains("seen"));
            assertThat(proxy.requests(Requests.watches())).isNotEmpty();
        }
    }

    @Test
    void cutsBeforeAWrite() {
        proxy.cutBefore(writes, 2);

        create("first");
        assertThatThrownBy(() -> create("second")).isInstanceOf(KubernetesClientException.class);
        assertThatThrownBy(() -> create("third")).isInstanceOf(KubernetesClientException.class);

        assertThat(stored("first")).isNotNull();
        assertThat(stored("second")).isNull();
        assertThat(stored("third")).isNull();
    }

    @Test
    void cutsAfterAWriteThatTheApiServerStored() {
        proxy.cutAfter(writes, 2);

        create("first");
        assertThatThrownBy(() -> create("second")).isInstanceOf(KubernetesClientException.class);
        assertThatThrownBy(() -> create("third")).isInstanceOf(KubernetesClientException.class);

        assertThat(stored("second")).isNotNull();
        assertThat(stored("third")).isNull();
        assertThat(proxy.requests(writes).get(1).status()).isEqualTo(201);
    }

    @Test
    void inducedAnswersAreWhatTheClientMakesOfRealOnes() {
        proxy.answer(writes, 1, Fault.Answer.quotaExceeded());

        assertThatThrownBy(() -> create("a")).isInstanceOfSatisfying(KubernetesClientException.class, refused -> {
            assertThat(refused.getCode()).isEqualTo(403);
            assertThat(refused.getStatus().getMessage()).contains("exceeded quota");
        });
        create("a");
    }

    private void create(String name) {
        client.resource(configMap(name)).create();
    }

    private ConfigMap stored(String name) {
        return lab.admin().configMaps().inNamespace(namespace).withName(name).get();
    }

    private ConfigMap configMap(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .build();
    }
}
