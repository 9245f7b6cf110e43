package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.BuildEnvironmentAssert;
import dev.cleanroom.operator.lab.ClosedPort;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The API server answers 500 to one kind of write, because a webhook does not answer: that is said, and the rest goes on. */
@LabTest
class WebhookDownTest {
    private static final String DOWN = "failed calling webhook";

    private Lab lab;
    private String namespace;
    private Environments environments;

    @BeforeEach
    void open(Lab opened) {
        lab = opened;
        namespace = lab.namespace();
        environments = lab.environments(namespace);
    }

    @Test
    void anEnvironmentThatWasNeverSeenSaysWhyItHasNoPod() throws Exception {
        try (ClosedPort nobody = new ClosedPort()) {
            MutatingWebhookConfiguration webhook = down("pods", nobody);
            lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
            environments.create(Manifests.task("payments", "standard"));
            environments.await(
                    "payments",
                    environment -> BuildEnvironmentAssert.assertThat(environment)
                            .hasCondition("Stalled", "True", "WriteRefused")
                            .hasMessage("Stalled", DOWN)
                            .hasCondition("Ready", "False", "WriteRefused")
                            .hasReplicas(0, 0));
            lab.admin().resource(webhook).delete();
        }
        environments.awaitCondition("payments", "Ready", "True", "Running");
    }

    @Test
    void podsThatEndMeanwhileAreCountedAndReplacedOnceItIsGone() throws Exception {
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        environments.create(Manifests.agent("agents", "standard", 2));
        environments.awaitCondition("agents", "Ready", "True", "Running");
        try (ClosedPort nobody = new ClosedPort()) {
            MutatingWebhookConfiguration webhook = down("pods", nobody);
            environments.annotatePod("agents-0-1", Map.of("lab.cleanroom.dev/exit-after", "0s"));
            environments.await(
                    "agents",
                    environment -> BuildEnvironmentAssert.assertThat(environment)
                            .hasCondition("Ready", "False", "WriteRefused")
                            .hasMessage("Ready", DOWN)
                            .hasReplicas(1, 1));
            lab.admin().resource(webhook).delete();
        }
        environments.await(
                "agents",
                environment -> BuildEnvironmentAssert.assertThat(environment)
                        .hasCondition("Ready", "True", "Running")
                        .hasReplicas(2, 2));
    }

    @Test
    void aPolicyThatCannotBeCreatedIsNamed() throws Exception {
        try (ClosedPort nobody = new ClosedPort()) {
            MutatingWebhookConfiguration webhook = down("networkpolicies", nobody);
            lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
            environments.create(Manifests.task("payments", "standard"));
            environments.await(
                    "payments",
                    environment -> BuildEnvironmentAssert.assertThat(environment)
                            .hasCondition("Stalled", "True", "WriteRefused")
                            .hasMessage("Stalled", "NetworkPolicy " + namespace + "/cleanroom."));
            assertThat(environments.pods("payments")).isEmpty();
            lab.admin().resource(webhook).delete();
        }
        environments.awaitCondition("payments", "Ready", "True", "Running");
    }

    /** Returns once the API server asks the webhook that is not there. */
    private MutatingWebhookConfiguration down(String resource, ClosedPort nobody) {
        MutatingWebhookConfiguration webhook = lab.admin()
                .resource(new MutatingWebhookConfigurationBuilder()
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
                        .build())
                .create();
        Environments.until(
                "the API server to ask the webhook", () -> assertThat(refusal()).contains(DOWN));
        return webhook;
    }

    private String refusal() {
        try {
            lab.admin()
                    .resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName("probe")
                            .endMetadata()
                            .build())
                    .dryRun(true)
                    .create();
            return "";
        } catch (KubernetesClientException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
