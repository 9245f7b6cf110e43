package dev.cleanroom.operator.trustpolicy;

import static dev.cleanroom.operator.trustpolicy.AgentUnderPolicies.AGENT;
import static dev.cleanroom.operator.trustpolicy.AgentUnderPolicies.operator;
import static dev.cleanroom.operator.trustpolicy.AgentUnderPolicies.policy;
import static dev.cleanroom.operator.trustpolicy.AgentUnderPolicies.start;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.TriggerSource;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.lab.BuildEnvironmentAssert;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An image that a policy denies on a real API server: its pods are quarantined, many of them only when a person confirms. */
@LabTest
class DeniedImagesTest {
    /** Ends the pod, and waits until status counts it: the operator has then decided about the other pods too. */
    private static void end(Environments environments, int slot) {
        environments.annotatePod(
                "web-" + slot + "-1", Map.of("lab.cleanroom.dev/exit-code", "0", "lab.cleanroom.dev/exit-after", "1s"));
        environments.await(
                "web",
                web -> assertThat(web.getStatus().slots())
                        .anySatisfy(it ->
                                assertThat(List.of(it.slot(), it.attempt())).isEqualTo(List.of(slot, 2))));
    }

    @Test
    void whatIsDeniedIsQuarantinedAndNotReplaced(Lab lab) {
        Environments environments = start(lab);
        environments.create(Manifests.environment(AGENT));
        environments.awaitCondition("web", "Ready", "True", "Running");
        String digest = environments.get("web").getStatus().image().digest();
        policy(lab, lab.unique("p"), "deny: {digests: [\"" + digest + "\"]}");
        environments.awaitCondition("web", "ImageVerified", "False", "DigestDenied");
        environments.awaitPod(
                "web-0-1",
                pod -> assertThat(pod.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined"));
        assertThat(environments.incidents().names()).singleElement().satisfies(name -> {
            BuildIncident incident = environments.incidents().get(name);
            assertThat(incident.getSpec().trigger().source()).isEqualTo(TriggerSource.Indicator);
            assertThat(incident.getSpec().trigger().reason()).contains("denies the image " + digest);
        });
        assertThat(environments.podNames("web")).containsExactly("web-0-1");
    }

    @Test
    void aDenialOfManyPodsWaitsForAnAdministratorAlsoWhenFewAreLeft(Lab lab) {
        Environments environments = lab.environments(lab.namespace());
        OperatorProcess operator = operator(lab, environments);
        environments.create(
                Manifests.environment(AGENT.replace("onExit: Replace\n", "onExit: Replace\n  replicas: 11\n")));
        environments.awaitCondition("web", "Ready", "True", "Running");
        String name = lab.unique("p");
        policy(
                lab,
                name,
                "deny: {digests: [\""
                        + environments.get("web").getStatus().image().digest() + "\"]}");
        environments.awaitCondition("web", "Stalled", "True", "DigestDenied");
        environments.await(
                "web",
                web -> BuildEnvironmentAssert.assertThat(web)
                        .hasMessage(
                                "Stalled", "kubectl annotate --overwrite tpol " + name + " cleanroom.dev/enforce=1"));
        Environments.until(
                "the eleven to be counted",
                () -> assertThat(lab.admin()
                                .resources(TrustPolicy.class)
                                .withName(name)
                                .get()
                                .getStatus()
                                .deniedPods())
                        .isEqualTo(11));
        end(environments, 0);
        end(environments, 1);
        Environments.until(
                "nine to be left",
                () -> assertThat(environments.podNames("web")).hasSize(9));
        operator.kill9();
        operator(lab, environments);
        end(environments, 2);
        assertThat(environments.incidents().names())
                .as("of those that are left")
                .isEmpty();

        lab.admin()
                .resources(TrustPolicy.class)
                .withName(name)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"cleanroom.dev/enforce\":\"1\"}}}");
        Environments.until(
                "all pods to be quarantined",
                () -> assertThat(environments.pods("web"))
                        .hasSizeBetween(8, 9)
                        .allSatisfy(pod -> assertThat(pod.getMetadata().getLabels())
                                .containsEntry("cleanroom.dev/state", "quarantined")));
        assertThat(environments.incidents().names()).hasSizeBetween(8, 9);
    }
}
