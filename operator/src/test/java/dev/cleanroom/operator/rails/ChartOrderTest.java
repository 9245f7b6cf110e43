package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.operator.lab.Chart;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.LabCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Installs, upgrades and uninstalls the chart on a separate cluster, in good and in bad orders. Whatever part is
 * installed alone, it refuses nothing in the rest of the cluster.
 */
@Tag("lab")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ChartOrderTest {
    private static final String NAMESPACE = "cleanroom-system";

    private static LabCluster cluster;
    private static KubernetesClient admin;

    @BeforeAll
    static void start() {
        cluster = LabCluster.bare();
        assumeFalse(cluster.isOwn(), "nothing is uninstalled from a cluster of somebody's own");
        admin = cluster.admin();
        for (String name : List.of("elsewhere", "builds")) {
            admin.resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withLabels(name.equals("builds") ? Map.of("cleanroom.dev/builds", "enabled") : Map.of())
                            .endMetadata()
                            .build())
                    .create();
        }
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    @Order(1)
    void railsAloneRefuseNothingElsewhere() {
        // The worst order: rails whose parameter kind is not there, which then refuse every request that they match.
        List<HasMetadata> rails = rendered().stream()
                .filter(item -> item.getKind().contains("AdmissionPolicy"))
                .toList();
        rails.forEach(rail -> admin.resource(rail).create());
        Environments.until(
                "the rails to be in force where builds are",
                () -> assertThat(exec("builds").getMessage()).contains("no-live-access"));
        theRestOfTheClusterWorks();
        rails.forEach(rail -> admin.resource(rail).delete());
        Environments.until(
                "the rails to be gone",
                () -> assertThat(exec("builds").getMessage()).doesNotContain("no-live-access"));
    }

    @Test
    @Order(2)
    void helmInstallsUpgradesAndKeepsTheDefaultClass() {
        helm("install", "cleanroom", Chart.directory().toString(), "--create-namespace", "--set", "replicas=0");
        BuildEnvironmentClass installed = admin.resources(BuildEnvironmentClass.class)
                .withName("standard")
                .get();
        assertThat(installed).as("the default class, by a hook").isNotNull();
        helm("upgrade", "cleanroom", Chart.directory().toString(), "--set", "replicas=0");
        helm(
                "upgrade",
                "cleanroom",
                Chart.directory().toString(),
                "--set",
                "replicas=0,defaultClass.spec.limits.replicas=7");
        BuildEnvironmentClass upgraded = admin.resources(BuildEnvironmentClass.class)
                .withName("standard")
                .get();
        assertThat(upgraded.getMetadata().getUid())
                .as("taken over, not made again")
                .isEqualTo(installed.getMetadata().getUid());
        assertThat(upgraded.getSpec().limits().replicas()).isEqualTo(7);
        theRestOfTheClusterWorks();
    }

    @Test
    @Order(3)
    void definitionsThatAreDeletedFirstLeaveTheRestWorking() {
        // What a prune in the wrong order does.
        definitions().forEach(definition -> admin.resource(definition).delete());
        Environments.until("definitions to go", () -> assertThat(definitions()).isEmpty());
        Environments.until(
                "the rails to miss them",
                () -> assertThat(exec("builds").getMessage()).contains("no-live-access"));
        theRestOfTheClusterWorks();
        // Helm can neither upgrade nor uninstall a release that has an object of a kind that is gone: so they come
        // back.
        rendered().stream()
                .filter(CustomResourceDefinition.class::isInstance)
                .forEach(definition -> admin.resource(definition).create());
        Environments.until(
                "definitions to be served",
                () -> assertThat(admin.resources(BuildEnvironmentClass.class)
                                .list()
                                .getItems())
                        .isEmpty());
        helm(
                "upgrade",
                "cleanroom",
                Chart.directory().toString(),
                "--set",
                "replicas=0",
                "--take-ownership",
                "--force-conflicts");
        assertThat(admin.resources(BuildEnvironmentClass.class)
                        .withName("standard")
                        .get())
                .isNotNull();
        Environments.until(
                "the rails to know them again",
                () -> assertThat(exec("builds").getMessage()).doesNotContain("no-live-access"));
    }

    @Test
    @Order(4)
    void helmUninstallsKeepsTheDefinitionsAndInstallsAgain() {
        helm("uninstall", "cleanroom");
        assertThat(definitions()).hasSize(5);
        assertThat(admin.admissionRegistration()
                        .v1()
                        .validatingAdmissionPolicies()
                        .list()
                        .getItems())
                .isEmpty();
        assertThat(admin.admissionRegistration()
                        .v1()
                        .validatingAdmissionPolicyBindings()
                        .list()
                        .getItems())
                .isEmpty();
        assertThat(admin.genericKubernetesResources("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy")
                        .list()
                        .getItems())
                .isEmpty();
        helm(
                "install",
                "cleanroom",
                Chart.directory().toString(),
                "--set",
                "replicas=0,defaultClass.spec.limits.replicas=7");
        theRestOfTheClusterWorks();
        anUpgradeAsTheCheckNamesItStartsTheOperator();
        // With an operator there is a hook, which needs its image.
        helm("upgrade", "cleanroom", Chart.directory().toString(), "--set", "replicas=0");
        helm("uninstall", "cleanroom");
    }

    /** The upgrade keeps the other values of the release. */
    private static void anUpgradeAsTheCheckNamesItStartsTheOperator() {
        helm("upgrade", "cleanroom", Chart.directory().toString(), "--reset-then-reuse-values", "--set", "replicas=2");
        assertThat(admin.apps()
                        .deployments()
                        .inNamespace(NAMESPACE)
                        .withName("cleanroom-operator")
                        .get()
                        .getSpec()
                        .getReplicas())
                .isEqualTo(2);
        assertThat(admin.resources(BuildEnvironmentClass.class)
                        .withName("standard")
                        .get()
                        .getSpec()
                        .limits()
                        .replicas())
                .isEqualTo(7);
    }

    @Test
    @Order(5)
    void wavesOrderDefinitionsFirstAndRailsLast() {
        for (HasMetadata item : rendered()) {
            int wave = Integer.parseInt(
                    item.getMetadata().getAnnotations() == null
                            ? "0"
                            : item.getMetadata().getAnnotations().getOrDefault("argocd.argoproj.io/sync-wave", "0"));
            int wanted = item instanceof CustomResourceDefinition
                    ? -2
                    : item.getKind().contains("AdmissionPolicy") ? 2 : wave;
            assertThat(wave).as(item.getKind()).isEqualTo(wanted).isBetween(-2, 2);
            if (item instanceof CustomResourceDefinition) {
                assertThat(item.getMetadata().getAnnotations())
                        .containsEntry("helm.sh/resource-policy", "keep")
                        .containsEntry("argocd.argoproj.io/sync-options", "Prune=false,Delete=false");
            }
        }
    }

    private static void theRestOfTheClusterWorks() {
        admin.resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace("elsewhere")
                        .withName("web-0-1")
                        .addToLabels("cleanroom.dev/state", "active")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("web")
                        .withImage("registry.example.com/web:1")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        assertThat(exec("elsewhere").getMessage()).doesNotContain("AdmissionPolicy");
        admin.raw("/api/v1/namespaces/elsewhere/pods/web-0-1/eviction", "POST", """
                {"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"web-0-1","namespace":"elsewhere"}}""");
        Environments.until(
                "the pod to go",
                () -> assertThat(admin.pods()
                                .inNamespace("elsewhere")
                                .withName("web-0-1")
                                .get())
                        .isNull());
        String name = "passing-" + System.nanoTime();
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        admin.namespaces().withName(name).delete();
    }

    /** The pod does not exist, so a request that passes admission gets NotFound. */
    private static KubernetesClientException exec(String namespace) {
        return catchThrowableOfType(
                KubernetesClientException.class,
                () -> admin.raw(
                        "/api/v1/namespaces/" + namespace + "/pods/" + (namespace.equals("builds") ? "none" : "web-0-1")
                                + "/exec?command=sh",
                        "POST",
                        ""));
    }

    private static List<CustomResourceDefinition> definitions() {
        return admin.apiextensions().v1().customResourceDefinitions().list().getItems().stream()
                .filter(definition -> definition.getSpec().getGroup().equals("cleanroom.dev"))
                .toList();
    }

    private static List<HasMetadata> rendered() {
        return Chart.objects(admin, Chart.ALL_APIS);
    }

    private static void helm(String... arguments) {
        List<String> all = new ArrayList<>(
                List.of("--dir", cluster.labDirectory().orElseThrow().toString()));
        all.addAll(Arrays.asList(arguments));
        all.addAll(List.of("--namespace", NAMESPACE));
        Chart.Outcome outcome = Chart.helm(all);
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    }
}
