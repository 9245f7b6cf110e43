package dev.cleanroom.operator.classes;

import static dev.cleanroom.operator.lab.BuildEnvironmentAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a class changes for the environments that use it, and what the status of both says, on a real API server. */
@LabTest
class ClassesTest {
    @Test
    void twoDefaultClassesAreAnErrorOnBothAndOnEnvironmentsThatNameNone(Lab lab) {
        assumeFalse(lab.cluster().isOwn(), "a second default class would stop the environments of somebody's cluster");
        String namespace = lab.namespace();
        Environments environments = lab.environments(namespace);
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        String second = lab.buildClass(Map.of());
        awaitReady(lab, second, "True", "Accepted");

        merge(lab, second, "{\"metadata\":{\"annotations\":{\"cleanroom.dev/is-default-class\":\"true\"}}}");
        awaitReady(lab, second, "False", "SeveralDefaultClasses");
        awaitReady(lab, "standard", "False", "SeveralDefaultClasses");
        environments.create(Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: payments}
                spec: {image: %s, command: [build]}
                """.formatted(Manifests.IMAGE)));
        environments.create(Manifests.task("named", second));
        environments.awaitCondition("payments", "Stalled", "True", "SeveralDefaultClasses");
        environments.awaitCondition("named", "Ready", "True", "Running");
        assertThat(environments.podNames("payments")).isEmpty();

        merge(lab, second, "{\"metadata\":{\"annotations\":{\"cleanroom.dev/is-default-class\":null}}}");
        awaitReady(lab, second, "True", "Accepted");
        awaitReady(lab, "standard", "True", "Accepted");
        environments.awaitCondition("payments", "Ready", "True", "Running");
    }

    @Test
    void whenOneOfTwoDefaultClassesIsDeletedTheOtherIsUsable(Lab lab) {
        assumeFalse(lab.cluster().isOwn(), "a second default class would stop the environments of somebody's cluster");
        String namespace = lab.namespace();
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        String second = lab.buildClass(Map.of());
        merge(lab, second, "{\"metadata\":{\"annotations\":{\"cleanroom.dev/is-default-class\":\"true\"}}}");
        awaitReady(lab, "standard", "False", "SeveralDefaultClasses");

        lab.admin().resources(BuildEnvironmentClass.class).withName(second).delete();
        awaitReady(lab, "standard", "True", "Accepted");
    }

    @Test
    void aTrustBundleIsWaitedForAndThenMountedIntoEveryStep(Lab lab) {
        String namespace = lab.namespace();
        Environments environments = lab.environments(namespace);
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        String name = lab.buildClass(Map.of());
        merge(lab, name, "{\"spec\":{\"trustBundle\":\"corporate-ca\"}}");
        environments.create(Manifests.task("payments", name));
        environments.awaitCondition("payments", "Stalled", "True", "TrustBundleMissing");
        assertThat(environments.get("payments"))
                .hasCondition("Ready", "False", "TrustBundleMissing")
                .hasMessage("Stalled", "ConfigMap corporate-ca");
        assertThat(environments.podNames("payments")).isEmpty();

        lab.admin()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("corporate-ca")
                        .endMetadata()
                        .addToData("ca.crt", "a certificate")
                        .build())
                .create();
        // Nothing watches ConfigMaps: it is seen when a refused environment is looked at again.
        environments.awaitCondition("payments", "Ready", "True", "Running");
        assertThat(environments
                        .pod("payments-0-1")
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getVolumeMounts())
                .anyMatch(mount -> mount.getMountPath().equals("/etc/cleanroom/trust-bundle"));
    }

    /** The note of an Event is limited to 1,024 bytes. */
    @Test
    void aMessageThatIsTooLongForAnEventIsCutThereAndCompleteInTheCondition(Lab lab) {
        String namespace = lab.namespace();
        Environments environments = lab.environments(namespace);
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        String name = lab.buildClass(Map.of());
        String allowed =
                IntStream.range(100, 300).mapToObj(i -> "\"token-" + i + "\"").collect(Collectors.joining(","));
        merge(lab, name, "{\"spec\":{\"secrets\":{\"allowed\":[" + allowed + "]}}}");
        awaitReady(lab, name, "True", "Accepted");
        environments.create(payments(name, "secrets: [{name: other, mountPath: /run/secrets/other}]"));
        environments.awaitCondition("payments", "Stalled", "True", "NotAllowed");
        assertThat(environments.get("payments")).hasMessage("Stalled", "token-299");
        assertThat(lab.admin()
                        .events()
                        .v1()
                        .events()
                        .inNamespace(namespace)
                        .list()
                        .getItems())
                .filteredOn(event -> event.getReason().equals("NotAllowed"))
                .singleElement()
                .satisfies(event -> assertThat(event.getNote()).hasSize(1_024).endsWith("..."));
    }

    @Test
    void theApiServersOwnAudienceIsKnownFromTheOperatorsTokenAndRefused(Lab lab) {
        String namespace = lab.namespace();
        Environments environments = lab.environments(namespace);
        lab.operator(
                lab.operatorKubeconfig("https://kubernetes.default.svc.cluster.local", "api.lab.example.com"),
                "--namespaces",
                namespace,
                "--leader-elect=false");
        String name = lab.buildClass(Map.of());
        awaitReady(lab, name, "True", "Accepted");

        merge(lab, name, "{\"spec\":{\"identity\":{\"allowed\":{\"audiences\":[\"api.lab.example.com\"]}}}}");
        awaitReady(lab, name, "False", "NotAllowed");
        environments.create(payments(name, "identity: {audiences: [api.lab.example.com]}"));
        environments.awaitCondition("payments", "Stalled", "True", "NotAllowed");
        assertThat(environments.get("payments"))
                .hasMessage("Stalled", "spec.identity.audiences: api.lab.example.com is the API server's own");
        assertThat(environments.podNames("payments")).isEmpty();

        merge(lab, name, "{\"spec\":{\"identity\":{\"allowed\":{\"audiences\":[\"sts.example.com\"]}}}}");
        environments.merge("payments", "{\"spec\":{\"identity\":{\"audiences\":[\"sts.example.com\"]}}}");
        awaitReady(lab, name, "True", "Accepted");
        environments.awaitCondition("payments", "Ready", "True", "Running");
    }

    /** @param field of its spec, which the class allows or not */
    private static BuildEnvironment payments(String className, String field) {
        return Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: payments}
                spec:
                  className: %s
                  image: %s
                  command: [build]
                  %s
                """.formatted(className, Manifests.IMAGE, field));
    }

    private static void merge(Lab lab, String className, String json) {
        lab.admin()
                .genericKubernetesResources("cleanroom.dev/v1alpha1", "BuildEnvironmentClass")
                .withName(className)
                .patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    private static void awaitReady(Lab lab, String className, String status, String reason) {
        Environments.until(
                "class " + className,
                () -> assertThat(lab.admin()
                                .resources(BuildEnvironmentClass.class)
                                .withName(className)
                                .get()
                                .getStatus()
                                .conditions())
                        .as("its Ready condition")
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals(status)
                                && condition.getReason().equals(reason)));
    }
}
