package dev.cleanroom.operator.trustpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.operator.lab.BuildEnvironmentAssert;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pull secrets that a class lends to verification, on a real API server: with the right to that one Secret alone. */
@LabTest
class ClassLendsSecretsTest {

    private static void create(Lab lab, HasMetadata object) {
        lab.admin().resource(object).create();
        lab.onClose(() -> lab.admin().resource(object).delete());
    }

    private static SecretBuilder secret(String name) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(LabCluster.OPERATOR_NAMESPACE)
                .withName(name)
                .endMetadata()
                .withType("kubernetes.io/dockerconfigjson")
                .withStringData(
                        Map.of(".dockerconfigjson", "{\"auths\":{\"registry.example.com\":{\"auth\":\"dTpw\"}}}"));
    }

    /** What the message's command makes. */
    private static void letRead(Lab lab, String secret) {
        create(
                lab,
                new RoleBuilder()
                        .withNewMetadata()
                        .withNamespace(LabCluster.OPERATOR_NAMESPACE)
                        .withName("cleanroom-verification-" + secret)
                        .endMetadata()
                        .addNewRule()
                        .withApiGroups("")
                        .withResources("secrets")
                        .withResourceNames(secret)
                        .withVerbs("get")
                        .endRule()
                        .build());
        create(
                lab,
                new RoleBindingBuilder()
                        .withNewMetadata()
                        .withNamespace(LabCluster.OPERATOR_NAMESPACE)
                        .withName("cleanroom-verification-" + secret)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", "cleanroom-verification-" + secret)
                        .addNewSubject("", "ServiceAccount", LabCluster.OPERATOR_ACCOUNT, LabCluster.OPERATOR_NAMESPACE)
                        .build());
    }

    @Test
    void theOperatorReadsWhatItIsLetAndThePodGetsNothingOfIt(Lab lab) {
        Environments environments = lab.environments(lab.namespace());
        lab.operator(lab.operatorKubeconfig(), "--namespaces", environments.namespace(), "--leader-elect=false");
        String mirror = lab.unique("s");
        create(lab, secret(mirror).build());
        String lending = lab.buildClass(Map.of());
        lab.admin()
                .resources(BuildEnvironmentClass.class)
                .withName(lending)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"verificationPullSecrets\":[{\"name\":\"" + mirror + "\"}]}}");
        environments.create(Manifests.task("payments", lending));
        environments.create(Manifests.task("plain", "standard"));
        environments.awaitCondition("payments", "ImageVerified", "Unknown", "CredentialsUnreadable");
        environments.await(
                "payments",
                payments -> BuildEnvironmentAssert.assertThat(payments)
                        .hasMessage("ImageVerified", "kubectl create role cleanroom-verification-" + mirror + " -n "));
        assertThat(environments.podNames("payments")).isEmpty();
        environments.awaitCondition("plain", "ImageVerified", "True", "Verified");

        letRead(lab, mirror);
        environments.awaitCondition("payments", "ImageVerified", "True", "Verified");
        environments.awaitCondition("payments", "Ready", "True", "Running");
        assertThat(environments.pod("payments-0-1").getSpec().getImagePullSecrets())
                .isEmpty();
    }
}
