package dev.cleanroom.operator.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;

/** A webhook of one namespace that does not answer, so that the API server answers 500 to what it is asked about. */
public final class DownWebhook implements AutoCloseable {
    /** What the API server says. */
    public static final String MESSAGE = "failed calling webhook";

    private final ClosedPort nobody = new ClosedPort();
    private final KubernetesClient admin;
    private final MutatingWebhookConfiguration configuration;

    private DownWebhook(KubernetesClient admin, String namespace, String resource) {
        this.admin = admin;
        this.configuration = new MutatingWebhookConfigurationBuilder()
                .withNewMetadata()
                .withName(namespace)
                .endMetadata()
                .addNewWebhook()
                .withName("down.example.com")
                .withAdmissionReviewVersions("v1")
                .withSideEffects("None")
                .withFailurePolicy("Fail")
                .withNewNamespaceSelector()
                .addToMatchLabels("kubernetes.io/metadata.name", namespace)
                .endNamespaceSelector()
                .addNewRule()
                .withApiGroups("*")
                .withApiVersions("*")
                .withResources(resource, "configmaps")
                .withOperations("CREATE")
                .endRule()
                .withNewClientConfig()
                .withUrl("https://" + nobody.host() + "/")
                .endClientConfig()
                .endWebhook()
                .build();
    }

    /**
     * Returns once the API server asks it.
     *
     * @param resource of which objects nothing can be created
     */
    public static DownWebhook in(String namespace, KubernetesClient admin, String resource) {
        var webhook = new DownWebhook(admin, namespace, resource);
        admin.resource(webhook.configuration).create();
        Environments.until(
                "the API server to ask the webhook",
                () -> assertThat(AdmissionProbe.refusal(admin, namespace)).contains(MESSAGE));
        return webhook;
    }

    @Override
    public void close() throws IOException {
        admin.resource(configuration).delete();
        nobody.close();
    }
}
