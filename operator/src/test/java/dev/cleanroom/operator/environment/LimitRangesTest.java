package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.operator.lab.BuildEnvironmentAssert;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Build pods in namespaces with LimitRanges and quotas. Whatever is allowed for the build is allowed for what Cleanroom adds
 * to its pod; what is not allowed is explained with the field, the value, and what to set.
 */
@LabTest
class LimitRangesTest {
    private static final String ONE_TO_TWO =
            "{requests: {cpu: '1', memory: 1Gi}, limits: {cpu: '2', memory: 2Gi, ephemeral-storage: 2Gi}}";

    private Lab lab;

    @BeforeEach
    void open(Lab opened) {
        lab = opened;
    }

    /** Each with the spec.resources of an environment that it allows. */
    private static Map<String, String> fitting() {
        Map<String, String> fitting = new LinkedHashMap<>();
        fitting.put("""
                {type: Container, min: {cpu: 50m, memory: 50Mi}, max: {cpu: '4', memory: 8Gi},
                 default: {cpu: 500m, memory: 512Mi}, defaultRequest: {cpu: 100m, memory: 256Mi}}""", ONE_TO_TWO);
        fitting.put(
                "{type: Container, min: {cpu: 100m, memory: 16Mi}, max: {cpu: 250m, memory: 48Mi}}",
                "{requests: {cpu: 200m, memory: 32Mi}, limits: {cpu: 250m, memory: 48Mi}}");
        fitting.put("{type: Container, maxLimitRequestRatio: {cpu: '2', memory: '2'}}", ONE_TO_TWO);
        fitting.put(
                "{type: Container, maxLimitRequestRatio: {cpu: '1', memory: '1', ephemeral-storage: '1'}}",
                "{requests: {cpu: '1', memory: 1Gi, ephemeral-storage: 1Gi},"
                        + " limits: {cpu: '1', memory: 1Gi, ephemeral-storage: 1Gi}}");
        fitting.put("""
                {type: Pod, min: {cpu: '1', memory: 1Gi}, max: {cpu: '2', memory: 2Gi},
                 maxLimitRequestRatio: {cpu: '2', memory: '2'}}""", ONE_TO_TWO);
        fitting.put("{type: Container, default: {cpu: 100m, memory: 64Mi}}", "{}");
        fitting.put("{type: Container, min: {ephemeral-storage: 100Mi}, max: {ephemeral-storage: 10Gi}}", "{}");
        return fitting;
    }

    @Test
    void whatIsAllowedForTheBuildIsAllowedForItsPod() {
        Map<String, String> ranges = fitting();
        Map<Environments, String> teams = new LinkedHashMap<>();
        ranges.forEach((range, resources) -> {
            Environments team = lab.environments(lab.namespace());
            limit(team, range);
            team.create(Manifests.environment(environment("standard", resources, "{}")));
            teams.put(team, range);
        });
        Environments quota = lab.environments(lab.namespace());
        lab.admin()
                .resource(Serialization.unmarshal("""
                        apiVersion: v1
                        kind: ResourceQuota
                        metadata: {name: team, namespace: %s}
                        spec:
                          hard: {requests.cpu: '1', requests.memory: 1Gi, limits.cpu: '2', limits.memory: 2Gi,
                                 limits.ephemeral-storage: 20Gi, requests.ephemeral-storage: 2Gi}
                        """.formatted(quota.namespace()), ResourceQuota.class))
                .create();
        quota.create(Manifests.environment(environment("standard", "{}", "{}")));
        teams.put(quota, "a quota for limits");

        lab.operator(
                lab.operatorKubeconfig(),
                "--leader-elect=false",
                "--namespaces",
                String.join(
                        ",",
                        teams.keySet().stream().map(Environments::namespace).toList()));
        teams.forEach((team, range) -> team.await(
                "payments",
                environment -> BuildEnvironmentAssert.assertThat(environment)
                        .as(range)
                        .hasCondition("Ready", "True", "Running")));
    }

    @Test
    void whatIsNotAllowedIsExplainedAndWorksOnceTheFieldIsSet() {
        Environments above = lab.environments(lab.namespace());
        limit(above, "{type: Container, max: {memory: 1Gi}, maxLimitRequestRatio: {cpu: '3'}}");
        above.create(Manifests.task("payments", "standard"));
        above.merge("payments", "{\"spec\":{\"detection\":{\"mode\":\"Off\"}}}");

        Environments below = lab.environments(lab.namespace());
        limit(below, "{type: Pod, min: {cpu: '4'}}");
        below.create(Manifests.environment(environment("standard", "{}", "{}")));

        Environments step = lab.environments(lab.namespace());
        limit(step, "{type: Container, min: {memory: 600Mi}}");
        step.create(Manifests.environment(environment("standard", ONE_TO_TWO, "{requests: {memory: 100Mi}}")));

        lab.operator(
                lab.operatorKubeconfig(),
                "--leader-elect=false",
                "--namespaces",
                String.join(",", above.namespace(), below.namespace(), step.namespace()));
        refused(
                above,
                "maximum memory usage per Container is 1Gi, but limit is 2Gi",
                "cpu max limit to request ratio per Container is 3, but provided ratio is 4.000000",
                "spec.resources.limits.memory to at most 1Gi",
                "spec.resources.limits.cpu to at most 3 times spec.resources.requests.cpu",
                "kubectl describe limitrange -n " + above.namespace());
        refused(
                below,
                "minimum cpu usage per Pod is 4, but request is 500m",
                "Set spec.resources.requests.cpu to at least 4.");
        refused(
                step,
                "minimum memory usage per Container is 600Mi, but request is 100Mi",
                "Set spec.prepare[0].resources.requests.memory to at least 600Mi.");

        above.merge("payments", "{\"spec\":{\"resources\":{\"limits\":{\"memory\":\"1Gi\",\"cpu\":\"1\"}}}}");
        below.merge("payments", "{\"spec\":{\"resources\":{\"requests\":{\"cpu\":\"4\"}}}}");
        for (Environments mended : new Environments[] {above, below}) {
            mended.awaitCondition("payments", "Ready", "True", "Running");
        }
    }

    /** No field sets what the observer requests. */
    @Test
    void anObserverThatIsNotAllowedIsExplained() {
        Environments team = lab.environments(lab.namespace());
        limit(team, "{type: Container, min: {memory: 50Mi}}");
        team.create(Manifests.task("payments", "standard"));
        lab.operator(lab.operatorKubeconfig(), "--leader-elect=false", "--namespaces", team.namespace());
        refused(
                team,
                "minimum memory usage per Container is 50Mi, but request is 32Mi",
                "Set the observer's requests.memory to at least 50Mi.",
                "change the LimitRange, or set spec.detection.mode to Off");
        team.merge("payments", "{\"spec\":{\"detection\":{\"mode\":\"Off\"}}}");
        team.awaitCondition("payments", "Ready", "True", "Running");
    }

    /** A default for a resource that the environment does not set would be added to the pod after it was requested. */
    @Test
    void extendedResourcesAreRequestedForTheGateTooAndAreNotAddedByDefault() {
        String className = lab.unique("devices");
        BuildEnvironmentClass devices = Serialization.unmarshal("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironmentClass
                metadata: {name: %s}
                spec: {limits: {extendedResources: [vendor.example/device]}}
                """.formatted(className), BuildEnvironmentClass.class);
        lab.admin().resource(devices).create();
        lab.onClose(() -> lab.admin().resource(devices).delete());
        String range = "{type: Container, min: {vendor.example/device: '1'}, default: {vendor.example/device: '1'}}";
        Environments set = lab.environments(lab.namespace());
        limit(set, range);
        set.create(Manifests.environment(environment(
                className, "{limits: {vendor.example/device: '1'}}", "{limits: {vendor.example/device: '1'}}")));
        Environments unset = lab.environments(lab.namespace());
        limit(unset, range);
        unset.create(Manifests.environment(environment(className, "{}", "{}")));

        lab.operator(
                lab.operatorKubeconfig(),
                "--leader-elect=false",
                "--namespaces",
                set.namespace() + "," + unset.namespace());
        set.awaitPods("payments", "payments-0-1");
        assertThat(set.pod("payments-0-1")
                        .getSpec()
                        .getInitContainers()
                        .getFirst()
                        .getResources()
                        .getLimits())
                .containsEntry("vendor.example/device", new Quantity("1"));
        refused(
                unset,
                "requested-is-what-runs",
                ".resources.limits[\"vendor.example/device\"]",
                "kubectl describe limitrange");
        assertThat(unset.pods("payments")).isEmpty();
    }

    private static void refused(Environments team, String... parts) {
        team.await("payments", environment -> {
            var refused = BuildEnvironmentAssert.assertThat(environment)
                    .hasCondition("Stalled", "True", "WriteRefused")
                    .hasCondition("Ready", "False", "WriteRefused");
            for (String part : parts) {
                refused.hasMessage("Stalled", part);
            }
        });
    }

    private void limit(Environments team, String item) {
        lab.admin().resource(Manifests.limitRange(team.namespace(), item)).create();
    }

    private static String environment(String className, String build, String prepare) {
        return """
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: payments}
                spec:
                  className: %s
                  image: %s
                  command: [mvn, verify]
                  detection: {mode: 'Off'}
                  resources: %s
                  prepare: [{name: checkout, image: "%s", command: [git, clone], resources: %s}]
                """.formatted(
                        className, Manifests.IMAGE, build, Manifests.IMAGE, prepare.equals("{}") ? build : prepare);
    }
}
