package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.BuildEnvironmentAssert;
import dev.cleanroom.operator.lab.DownWebhook;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The API server answers 500 to one kind of write, because a webhook does not answer: that is said, and the rest goes on. */
@LabTest
class WebhookDownTest {
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
        try (DownWebhook _ = DownWebhook.in(namespace, lab.admin(), "pods")) {
            lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
            environments.create(Manifests.task("payments", "standard"));
            environments.await(
                    "payments",
                    environment -> BuildEnvironmentAssert.assertThat(environment)
                            .hasCondition("Stalled", "True", "WriteRefused")
                            .hasMessage("Stalled", DownWebhook.MESSAGE)
                            .hasCondition("Ready", "False", "WriteRefused")
                            .hasReplicas(0, 0));
        }
        environments.awaitCondition("payments", "Ready", "True", "Running");
    }

    @Test
    void podsThatEndMeanwhileAreCountedAndReplacedOnceItIsGone() throws Exception {
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        environments.create(Manifests.agent("agents", "standard", 2));
        environments.awaitCondition("agents", "Ready", "True", "Running");
        try (DownWebhook _ = DownWebhook.in(namespace, lab.admin(), "pods")) {
            environments.annotatePod("agents-0-1", Map.of("lab.cleanroom.dev/exit-after", "0s"));
            environments.await(
                    "agents",
                    environment -> BuildEnvironmentAssert.assertThat(environment)
                            .hasCondition("Ready", "False", "WriteRefused")
                            .hasMessage("Ready", DownWebhook.MESSAGE)
                            .hasReplicas(1, 1));
        }
        environments.await(
                "agents",
                environment -> BuildEnvironmentAssert.assertThat(environment)
                        .hasCondition("Ready", "True", "Running")
                        .hasReplicas(2, 2));
    }

    @Test
    void aPolicyThatCannotBeCreatedIsNamed() throws Exception {
        try (DownWebhook _ = DownWebhook.in(namespace, lab.admin(), "networkpolicies")) {
            lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
            environments.create(Manifests.task("payments", "standard"));
            environments.await(
                    "payments",
                    environment -> BuildEnvironmentAssert.assertThat(environment)
                            .hasCondition("Stalled", "True", "WriteRefused")
                            .hasMessage("Stalled", "NetworkPolicy " + namespace + "/cleanroom."));
            assertThat(environments.pods("payments")).isEmpty();
        }
        environments.awaitCondition("payments", "Ready", "True", "Running");
    }
}
