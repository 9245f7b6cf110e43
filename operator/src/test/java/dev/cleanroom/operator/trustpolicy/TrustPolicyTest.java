package dev.cleanroom.operator.trustpolicy;

import static dev.cleanroom.operator.trustpolicy.AgentUnderPolicies.AGENT;
import static dev.cleanroom.operator.trustpolicy.AgentUnderPolicies.NODE;
import static dev.cleanroom.operator.trustpolicy.AgentUnderPolicies.policy;
import static dev.cleanroom.operator.trustpolicy.AgentUnderPolicies.start;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.ImageStatus;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** TrustPolicies on a real API server, and what becomes of environments when one changes. */
@LabTest
class TrustPolicyTest {
    private static String byConfigMap(String configMap, String more) {
        return """
                images: [%s]
                authorities:
                  - {name: release, key: {configMapRef: {name: %s, key: cosign.pub}}}
                %s
                """.formatted(NODE, configMap, more);
    }

    private static Condition ready(Lab lab, String policy) {
        return lab.admin().resources(TrustPolicy.class).withName(policy).get().getStatus().conditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .findFirst()
                .orElseThrow();
    }

    private static void awaitPolicy(Lab lab, String policy, String status, String reason) {
        Environments.until(
                "policy " + policy,
                () -> assertThat(ready(lab, policy))
                        .extracting(Condition::getStatus, Condition::getReason)
                        .containsExactly(status, reason));
    }

    private static void configMap(Lab lab, String name, Map<String, String> data) {
        lab.admin()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(LabCluster.OPERATOR_NAMESPACE)
                        .withName(name)
                        .endMetadata()
                        .withData(data)
                        .build())
                .create();
        lab.onClose(() -> lab.admin()
                .configMaps()
                .inNamespace(LabCluster.OPERATOR_NAMESPACE)
                .withName(name)
                .delete());
    }

    private static Map<String, String> key(Lab lab) {
        ConfigMap key = lab.admin()
                .configMaps()
                .inNamespace(LabCluster.OPERATOR_NAMESPACE)
                .withName("builders-key")
                .get();
        return key.getData();
    }

    @Test
    void aTagRunsAsTheDigestThatWasVerifiedAndStatusSaysWhoseSignatures(Lab lab) {
        Environments environments = start(lab);
        environments.create(Manifests.environment(AGENT));
        environments.awaitCondition("web", "ImageVerified", "True", "Verified");
        environments.awaitCondition("web", "Ready", "True", "Running");
        ImageStatus image = environments.get("web").getStatus().image();
        assertThat(image.reference()).isEqualTo(NODE + ":22");
        assertThat(image.verifiedAt()).isNotNull();
        assertThat(image.policies()).singleElement().satisfies(by -> {
            assertThat(by.name()).isEqualTo("builders");
            assertThat(by.signers()).singleElement().asString().startsWith("key sha256:");
        });
        assertThat(environments
                        .pod("web-0-1")
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getImage())
                .isEqualTo(NODE + "@" + image.digest());
    }

    @Test
    void aPolicyThatCannotBeUsedSaysWhyAndStopsWhatItIsAbout(Lab lab) {
        Environments environments = start(lab);
        String name = lab.unique("p");
        policy(lab, name, byConfigMap(name, ""));
        awaitPolicy(lab, name, "False", "Unusable");
        assertThat(ready(lab, name).getMessage())
                .contains(
                        "spec.authorities[0].key.configMapRef",
                        "kubectl create configmap " + name + " -n cleanroom-system --from-file=cosign.pub=FILE");
        environments.create(Manifests.environment(AGENT));
        environments.awaitCondition("web", "ImageVerified", "Unknown", "PolicyUnusable");
        assertThat(environments.podNames("web")).isEmpty();

        configMap(lab, name, key(lab));
        awaitPolicy(lab, name, "True", "Accepted");
        environments.awaitCondition("web", "Ready", "True", "Running");
        assertThat(environments.get("web").getStatus().image().policies())
                .extracting(by -> by.name())
                .containsExactlyInAnyOrder("builders", name);
    }

    /** Twenty-five characters that once ended every operator, and again after each start. */
    @Test
    void aPolicyThatAsksForTooMuchSaysSoAndTheOperatorGoesOn(Lab lab) {
        Environments environments = start(lab);
        Map<String, String> bombs = Map.of(
                "predicate.id.matches(\"(((a{100}){100}){100}){10}\")",
                "more than 2000 parts",
                "predicate.id.matches(\"(?i)[\u1c80]\")",
                "only ASCII characters",
                "[\"aaaaaaaa\"]" + ".map(x, x + x)".repeat(26) + ".size() == 1",
                "it takes more than 500000 steps");
        bombs.forEach((cel, problem) -> {
            String name = lab.unique("p");
            policy(
                    lab,
                    name,
                    byConfigMap("builders-key", "attestations: [{name: a, predicateType: x, cel: '" + cel + "'}]")
                            .replace(NODE, "other.example/node"));
            awaitPolicy(lab, name, "False", "Unusable");
            assertThat(ready(lab, name).getMessage()).contains("spec.attestations[0].cel", problem);
        });
        environments.create(Manifests.environment(AGENT));
        environments.awaitCondition("web", "Ready", "True", "Running");
    }

    @Test
    void aChangeIsToldToWhatRunsWhichGoesOnAndIsNotReplaced(Lab lab) {
        Environments environments = start(lab);
        environments.create(Manifests.environment(AGENT));
        environments.awaitCondition("web", "Ready", "True", "Running");
        String name = lab.unique("p");
        policy(
                lab,
                name,
                byConfigMap("builders-key", "attestations: [{name: sbom, predicateType: https://cyclonedx.org/bom}]"));
        environments.awaitCondition("web", "ImageVerified", "False", "AttestationMissing");
        environments.awaitCondition("web", "Stalled", "True", "AttestationMissing");
        assertThat(environments.podNames("web")).containsExactly("web-0-1");

        environments.annotatePod(
                "web-0-1", Map.of("lab.cleanroom.dev/exit-code", "0", "lab.cleanroom.dev/exit-after", "1s"));
        environments.await(
                "web",
                web -> assertThat(web.getStatus().slots())
                        .anySatisfy(slot -> assertThat(slot.attempt()).isEqualTo(2)));
        environments.awaitPods("web");

        lab.admin().resources(TrustPolicy.class).withName(name).delete();
        environments.awaitCondition("web", "Ready", "True", "Running");
        assertThat(environments.podNames("web")).containsExactly("web-0-2");
    }

    @Test
    void pullSecretsAreReadWhereTheNamespaceLetsThem(Lab lab) {
        Environments environments = start(lab);
        String namespace = environments.namespace();
        lab.admin()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("registry")
                        .endMetadata()
                        .withType("kubernetes.io/dockerconfigjson")
                        .withData(Map.of(
                                ".dockerconfigjson",
                                Base64.getEncoder()
                                        .encodeToString("{\"auths\":{\"registry.example.com\":{\"auth\":\"dTpw\"}}}"
                                                .getBytes(java.nio.charset.StandardCharsets.UTF_8))))
                        .build())
                .create();
        BuildEnvironment environment =
                Manifests.environment(AGENT.replace("spec:\n", "spec:\n  imagePullSecrets: [{name: registry}]\n"));
        environments.create(environment);
        environments.awaitCondition("web", "ImageVerified", "Unknown", "CredentialsUnreadable");
        assertThat(environments.get("web").getStatus().conditions())
                .anySatisfy(condition -> assertThat(condition.getMessage())
                        .contains("kubectl create rolebinding cleanroom-pull-secrets -n " + namespace));

        lab.admin()
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("cleanroom-pull-secrets")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cleanroom-pull-secrets")
                        .addNewSubject("", "ServiceAccount", LabCluster.OPERATOR_ACCOUNT, LabCluster.OPERATOR_NAMESPACE)
                        .build())
                .create();
        environments.awaitCondition("web", "Ready", "True", "Running");
        assertThat(environments.pod("web-0-1").getSpec().getImagePullSecrets())
                .extracting(secret -> secret.getName())
                .isEqualTo(List.of("registry"));
    }
}
