package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import org.junit.jupiter.api.Test;

/** A status that cannot be read, on a real API server: the operator alone writes it, and must not forget what it counted. */
@LabTest
class KeptStatusTest {

    @Test
    void whatWasCountedIsLeftToAPersonAndGoesOnWhenItCanBeRead(Lab lab) {
        String namespace = lab.namespace();
        Environments environments = lab.environments(namespace);
        environments.create(Manifests.agent("agents", "standard", 1));
        slots(lab, namespace, "{\"slot\": 0, \"attempt\": 7, \"lastFailure\": \"yesterday\"}");
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");

        Environments.until(
                "an Event that says which field",
                () -> assertThat(lab.admin()
                                .events()
                                .v1()
                                .events()
                                .inNamespace(namespace)
                                .list()
                                .getItems())
                        .anyMatch(event -> event.getReason().equals("Unreadable")
                                && event.getRegarding().getName().equals("agents")
                                && event.getNote().contains("status.slots[0].lastFailure")));
        assertThat(environments
                        .withoutSpec("agents")
                        .getStatus()
                        .slots()
                        .getFirst()
                        .lastFailure())
                .isEqualTo("yesterday");
        assertThat(environments.podNames("agents")).isEmpty();

        slots(lab, namespace, "{\"slot\": 0, \"attempt\": 7}");
        environments.awaitCondition("agents", "Ready", "True", "Running");
        environments.awaitPods("agents", "agents-0-7");
    }

    private static void slots(Lab lab, String namespace, String slots) {
        lab.admin()
                .genericKubernetesResources("cleanroom.dev/v1alpha1", "BuildEnvironment")
                .inNamespace(namespace)
                .withName("agents")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"slots\": [" + slots + "]}}");
    }
}
