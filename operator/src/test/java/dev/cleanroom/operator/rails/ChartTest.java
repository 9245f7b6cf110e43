package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.lab.Chart;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Helm accepts the chart, and the API server accepts the objects that it renders. */
@LabTest
class ChartTest {
    @Test
    void itIsLintedWithoutAWarning() {
        Chart.Outcome outcome =
                Chart.helm(List.of("lint", "--strict", Chart.directory().toString()));
        assertThat(outcome.output()).doesNotContain("WARNING", "ERROR");
        assertThat(outcome.exitCode()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "image=registry.example.com/cleanroom/operator:latest",
                "replicas=many",
                "replicaCount=2",
                "operator.inFlight=0",
                "operator.logLevel=loud",
                "operator.leaseDuration=soon",
                "hotPath.shares=0"
            })
    void aValueThatCannotBeRightIsRefused(String value) {
        Chart.Outcome outcome =
                Chart.helm(List.of("template", "x", Chart.directory().toString(), "--set", value));
        assertThat(outcome.exitCode()).isNotZero();
        assertThat(outcome.output()).contains("values don't meet the specifications of the schema");
    }

    /** A port that one of the two does not have would look to every gate like a policy that is not enforced. */
    @Test
    void theCanariesListenOnThePortsThatOperatorAndPolicyName(Lab lab) {
        List<HasMetadata> canaries = Chart.objects(lab.admin(), Chart.ALL_APIS).stream()
                .filter(item -> item.getMetadata().getName().equals("cleanroom-canary"))
                .toList();
        var container = only(canaries, Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        List<Integer> ports =
                List.of(CleanroomApi.BEACON_PORT, CleanroomApi.CANARY_PORT, CleanroomApi.FETCH_BEACON_PORT);
        assertThat(container.getArgs())
                .containsExactly(
                        "canary",
                        "--beacon-port",
                        Integer.toString(ports.get(0)),
                        "--canary-port",
                        Integer.toString(ports.get(1)),
                        "--fetch-port",
                        Integer.toString(ports.get(2)));
        assertThat(container.getPorts())
                .extracting(ContainerPort::getContainerPort)
                .isEqualTo(ports);
        assertThat(only(canaries, NetworkPolicy.class)
                        .getSpec()
                        .getIngress()
                        .getFirst()
                        .getPorts())
                .extracting(port -> port.getPort().getIntVal())
                .isEqualTo(ports);
    }

    private static <T extends HasMetadata> T only(List<HasMetadata> objects, Class<T> kind) {
        return objects.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theOperatorLogsAtTheLevelThatIsAskedFor() {
        assertThat(Chart.render(Chart.ALL_APIS)).contains("{name: CLEANROOM_LOG_LEVEL, value: info}");
        assertThat(Chart.render(Chart.ALL_APIS, "--set", "operator.logLevel=debug"))
                .contains("{name: CLEANROOM_LOG_LEVEL, value: debug}");
    }

    @Test
    void monitoringIsRenderedWhenItIsAskedForAlone() {
        assertThat(Chart.render(Chart.ALL_APIS))
                .doesNotContain("kind: ServiceMonitor", "kind: PrometheusRule", "dashboard");
        assertThat(Chart.render(
                        Chart.ALL_APIS,
                        "--set",
                        "monitoring.serviceMonitor.enabled=true,monitoring.serviceMonitor.labels.release=stack",
                        "--set",
                        "monitoring.dashboard.enabled=true"))
                .contains("kind: ServiceMonitor", "release: stack", "clusterIP: None", "cleanroom.json: |");
    }

    @Test
    void everyAlertLinksToItsSectionOfTheRunbook(Lab lab) {
        List<HasMetadata> items = Chart.objects(
                lab.admin(),
                Chart.ALL_APIS,
                "--set",
                "monitoring.prometheusRule.enabled=true,monitoring.prometheusRule.labels.release=stack",
                "--set",
                "monitoring.prometheusRule.runbook=https://wiki.example.com/cleanroom");
        var rule = items.stream()
                .filter(item -> item.getKind().equals("PrometheusRule"))
                .map(item -> Serialization.unmarshal(Serialization.asJson(item), GenericKubernetesResource.class))
                .findFirst()
                .orElseThrow();
        assertThat(rule.getMetadata().getLabels()).containsEntry("release", "stack");
        List<Map<String, ?>> alerts = rule.get("spec", "groups", 0, "rules");
        assertThat(alerts).hasSizeGreaterThan(5).allSatisfy(alert -> {
            assertThat(alert.get("expr").toString()).contains("cleanroom_");
            assertThat(((Map<?, ?>) alert.get("annotations")).get("runbook_url"))
                    .isEqualTo("https://wiki.example.com/cleanroom#"
                            + alert.get("alert").toString().toLowerCase(Locale.ROOT));
        });
        // Prometheus fills in what stands in double braces, Helm must not.
        assertThat(alerts.toString()).contains("{{ $labels.rail }}");
    }

    @Test
    void theNotesLeadToAFirstBuild(Lab lab) {
        Path directory = lab.cluster().labDirectory().orElse(null);
        assumeTrue(directory != null, "nothing is tried as a release in a cluster of somebody's own");
        List<String> install = new ArrayList<>(List.of("--dir", directory.toString(), "install", "notes"));
        install.addAll(List.of(Chart.directory().toString(), "--dry-run=client", "--namespace", "platform"));
        String asItIs = notes(install);
        assertThat(asItIs)
                .contains("still the chart's placeholder", "images: [\"registry.example.com/cleanroom/tools\"]")
                .contains("kubectl create configmap tools-key -n platform")
                .contains("kubectl label namespace NAMESPACE cleanroom.dev/builds=enabled")
                .contains("check -n NAMESPACE --operator-namespace platform")
                .doesNotContain("runs no operator", "{{", "<no value>");
        // Only at the beginning of its line END ends what a shell reads.
        String policy = asItIs.substring(asItIs.indexOf("     apiVersion:"), asItIs.indexOf("\nEND\n"));
        for (HasMetadata item : Chart.objects(lab.admin(), policy)) {
            lab.admin().resource(item).dryRun().create();
        }

        install.addAll(List.of("--set", "replicas=0,image=registry.example.com/operator@sha256:" + "1".repeat(64)));
        install.addAll(List.of("--set", "tools.image=registry.example.com:5000/tools:0.1.0"));
        assertThat(notes(install))
                .contains("runs no operator", "images: [\"registry.example.com:5000/tools\"]")
                .doesNotContain("placeholder");
    }

    private static String notes(List<String> install) {
        Chart.Outcome outcome = Chart.helm(install);
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        return outcome.output().substring(outcome.output().indexOf("\nNOTES:\n"));
    }

    @Test
    void everyValueIsDocumentedTwice() throws IOException {
        String schema = Files.readString(Chart.directory().resolve("values.schema.json"), StandardCharsets.UTF_8);
        var properties = Serialization.unmarshal(schema, Map.class);
        assertThat(undocumented("", properties)).isEmpty();
        String values = Files.readString(Chart.directory().resolve("values.yaml"), StandardCharsets.UTF_8);
        List<String> keys = new ArrayList<>();
        ((Map<?, ?>) Serialization.unmarshal(values, Map.class)).keySet().forEach(key -> keys.add(key.toString()));
        assertThat(((Map<?, ?>) properties.get("properties")).keySet().stream().map(Object::toString))
                .containsAll(keys);
    }

    @Test
    void theOperatorsPodIsAdmittedUnderPodSecurityRestricted(Lab lab) {
        Deployment deployment = Chart.objects(lab.admin(), Chart.ALL_APIS).stream()
                .filter(Deployment.class::isInstance)
                .map(Deployment.class::cast)
                .findFirst()
                .orElseThrow();
        assertThat(deployment.getSpec().getReplicas()).isEqualTo(2);
        lab.admin()
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(LabCluster.OPERATOR_NAMESPACE)
                        .withName("as-the-deployment-makes-it")
                        .endMetadata()
                        .withSpec(deployment.getSpec().getTemplate().getSpec())
                        .build())
                .dryRun()
                .create();
    }

    @Test
    void everythingOptionalIsAdmittedToo(Lab lab) {
        List<HasMetadata> all = Chart.objects(
                lab.admin(),
                Chart.ALL_APIS,
                "--set",
                "networkPolicy.enabled=true,networkPolicy.apiServer.cidrs={192.0.2.1/32},networkPolicy.registries.cidrs={192.0.2.2/32},imagePullSecrets={registry}",
                "--set",
                "priorityClassName=system-cluster-critical,podLabels.team=platform,operator.namespaces={a,b}",
                "--set-json",
                "networkPolicy.metricsFrom=[{\"podSelector\":{}}],tolerations=[{\"operator\":\"Exists\"}]",
                "--set-json",
                "registries={\"registry.example.com\":{\"mirrors\":[\"mirror.example.com\"],\"mirrorsOnly\":true}}");
        for (HasMetadata item : all) {
            lab.admin()
                    .resource(item)
                    .dryRun()
                    .fieldManager("chart-test")
                    .forceConflicts()
                    .serverSideApply();
        }
    }

    private static List<String> undocumented(String path, Map<?, ?> schema) {
        List<String> missing = new ArrayList<>();
        if (schema.get("properties") instanceof Map<?, ?> properties) {
            properties.forEach((name, of) -> {
                Map<?, ?> property = (Map<?, ?>) of;
                if (!property.containsKey("description")) {
                    missing.add(path + name);
                }
                missing.addAll(undocumented(path + name + ".", property));
            });
        }
        return missing;
    }
}
