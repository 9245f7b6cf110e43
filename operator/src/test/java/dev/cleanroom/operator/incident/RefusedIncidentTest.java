package dev.cleanroom.operator.incident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.AdmissionProbe;
import dev.cleanroom.operator.lab.BuildEnvironmentAssert;
import dev.cleanroom.operator.lab.DownWebhook;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The API server refuses the incident of a quarantined pod: that is reported, the pod is held, and it is tried again. */
@LabTest
class RefusedIncidentTest extends WithSuspects {
    @Test
    void aQuotaForIncidents() {
        suspects.run(Manifests.agent("agents", "standard", 1));
        HasMetadata quota = create(new ResourceQuotaBuilder()
                .withNewMetadata()
                .withNamespace(environments.namespace())
                .withName("none")
                .endMetadata()
                .withNewSpec()
                .addToHard("count/buildincidents.cleanroom.dev", Quantity.parse("0"))
                .endSpec()
                .build());
        Pod held = quarantineWithout("quota: none");
        lab.admin().resource(quota).delete();
        assertOpened(held);
    }

    @Test
    void aWebhookThatIsDown() throws Exception {
        suspects.run(Manifests.agent("agents", "standard", 1));
        Pod held;
        try (DownWebhook _ = DownWebhook.in(environments.namespace(), lab.admin(), "buildincidents")) {
            held = quarantineWithout(DownWebhook.MESSAGE);
        }
        assertOpened(held);
    }

    @Test
    void anAdmissionPolicyOfAnAdministrator() {
        suspects.run(Manifests.agent("agents", "standard", 1));
        HasMetadata policy = create(admission("""
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: %1$s}
                spec:
                  matchConstraints:
                    resourceRules:
                      - {apiGroups: ["*"], apiVersions: ["*"], operations: [CREATE], resources: [buildincidents, configmaps]}
                  validations:
                    - expression: "false"
                      message: tickets are opened elsewhere
                """));
        HasMetadata binding = create(admission("""
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: %1$s}
                spec:
                  policyName: %1$s
                  validationActions: [Deny]
                  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}}
                """));
        Environments.until(
                "the policy to be in force",
                () -> assertThat(AdmissionProbe.refusal(lab.admin(), environments.namespace()))
                        .contains("tickets are opened elsewhere"));
        Pod held = quarantineWithout("tickets are opened elsewhere");
        lab.admin().resource(binding).delete();
        lab.admin().resource(policy).delete();
        assertOpened(held);
    }

    private HasMetadata create(HasMetadata object) {
        lab.onClose(() -> lab.admin().resource(object).delete());
        return lab.admin().resource(object).create();
    }

    private HasMetadata admission(String yaml) {
        return Serialization.unmarshal(yaml.formatted(environments.namespace()), HasMetadata.class);
    }

    private Pod quarantineWithout(String words) {
        environments.annotatePod("agents-0-1", Map.of(Suspects.QUARANTINE, "odd egress"));
        Pod held = suspects.awaitState("agents-0-1", "quarantined");
        environments.await(
                "agents",
                environment -> BuildEnvironmentAssert.assertThat(environment)
                        .hasCondition("Quarantined", "True", "IncidentRefused")
                        .hasMessage("Quarantined", "agents-0-1")
                        .hasMessage("Quarantined", words));
        Environments.until(
                "the Event",
                () -> assertThat(lab.admin()
                                .events()
                                .v1()
                                .events()
                                .inNamespace(environments.namespace())
                                .list()
                                .getItems())
                        .anySatisfy(event -> {
                            assertThat(event.getReason()).isEqualTo("IncidentRefused");
                            assertThat(event.getRegarding().getUid())
                                    .isEqualTo(held.getMetadata().getUid());
                            assertThat(event.getNote()).contains(words);
                        }));
        assertThat(incidents.names()).isEmpty();
        return held;
    }

    private void assertOpened(Pod held) {
        incidents.awaitOf(held);
        environments.awaitCondition("agents", "Quarantined", "True", "UnderInvestigation");
    }
}
