package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.lab.BuildEnvironmentAssert;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.MutatingWebhook;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a team reads when a webhook changes its build pods, and that builds go on once it no longer does. */
@LabTest
class ChangedByWebhookTest {
    @Test
    void theEnvironmentSaysWhichFieldsAndGoesOnOnceTheWebhookIsGone(Lab lab, @TempDir Path directory) throws Exception {
        String namespace = lab.namespace(Map.of(CleanroomApi.BUILDS_LABEL, CleanroomApi.BUILDS_ENABLED));
        Environments environments = lab.environments(namespace);
        try (MutatingWebhook webhook = MutatingWebhook.in(namespace, lab.admin(), directory)) {
            webhook.change(pod -> {
                ((ArrayNode) pod.at("/spec/initContainers")).remove(0);
                return pod;
            });
            lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
            environments.create(Manifests.task("payments", "standard"));
            environments.await(
                    "payments",
                    environment -> BuildEnvironmentAssert.assertThat(environment)
                            .hasCondition("Stalled", "True", "WriteRefused")
                            .hasMessage("Stalled", "requested-is-what-runs")
                            .hasMessage("Stalled", "spec.initContainers. Removed: spec.initContainers[\"gate\"].args, ")
                            .hasMessage("Stalled", "kubectl get mutatingwebhookconfigurations"));
            assertThat(lab.admin().pods().inNamespace(namespace).list().getItems())
                    .isEmpty();
        }
        environments.awaitCondition("payments", "Ready", "True", "Running");
    }
}
