package dev.cleanroom.operator.environment;

import static dev.cleanroom.operator.lab.BuildEnvironmentAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A pool that is scaled over the limit of its class, or whose class lowers the limit, on a real API server. */
@LabTest
class ScaledOverLimitTest {
    @Test
    void itKeepsWhatTheClassAllowsAndReportsTheField(Lab lab) {
        String namespace = lab.namespace();
        Environments environments = lab.environments(namespace);
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        String two = lab.buildClass(Map.of());
        limit(lab, two, 2);
        environments.create(Manifests.agent("agents", two, 2));
        environments.awaitCondition("agents", "Ready", "True", "Running");

        environments.scale("agents", 5);
        environments.await(
                "agents",
                environment -> assertThat(environment)
                        .hasCurrentCondition("Ready", "False", "LimitExceeded")
                        .hasCondition("Stalled", "True", "LimitExceeded")
                        .hasMessage("Stalled", "spec.replicas: 5 exceeds the limit of class " + two + ", 2")
                        .hasReplicas(2, 2));
        assertThat(lab.admin()
                        .resources(BuildEnvironment.class)
                        .inNamespace(namespace)
                        .withName("agents")
                        .scale()
                        .getStatus()
                        .getReplicas())
                .as("what an autoscaler reads")
                .isEqualTo(2);

        environments.annotatePod("agents-0-1", Map.of("lab.cleanroom.dev/exit-after", "0s"));
        environments.annotatePod("agents-1-1", Map.of("lab.cleanroom.dev/exit-after", "0s"));
        environments.awaitPods("agents", "agents-0-2", "agents-1-2");

        limit(lab, two, 1);
        environments.await(
                "agents",
                environment -> assertThat(environment)
                        .hasMessage("Stalled", "spec.replicas: 5 exceeds the limit of class " + two + ", 1"));
        environments.scale("agents", 1);
        environments.annotatePod("agents-0-2", Map.of("lab.cleanroom.dev/exit-after", "0s"));
        environments.awaitPods("agents", "agents-1-2");
        environments.await(
                "agents",
                environment -> assertThat(environment)
                        .hasCurrentCondition("Ready", "True", "Running")
                        .hasReplicas(1, 1));
    }

    private static void limit(Lab lab, String className, int replicas) {
        lab.admin()
                .genericKubernetesResources("cleanroom.dev/v1alpha1", "BuildEnvironmentClass")
                .withName(className)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"limits\":{\"replicas\":" + replicas + "}}}");
    }
}
