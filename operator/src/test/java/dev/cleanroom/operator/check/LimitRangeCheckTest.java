package dev.cleanroom.operator.check;

import static dev.cleanroom.operator.check.Stored.TARGET;
import static dev.cleanroom.operator.check.Stored.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitRangeCheckTest {
    private static final String CLASS = """
            metadata: {name: standard, annotations: {cleanroom.dev/is-default-class: "true"}}
            spec: {defaults: {resources: {requests: {cpu: 500m}, limits: {memory: 1Gi}}}}
            """;

    private static Lookup<List<LimitRange>> range(String item) {
        return Stored.list(LimitRange.class, "metadata: {name: team}\nspec: {limits: [" + item + "]}");
    }

    private static String environment(String name, String spec) {
        return "metadata: {name: " + name + "}\nspec: " + spec;
    }

    private static List<String> builds(Lookup<List<LimitRange>> ranges, String... environments) {
        return lines(LimitRangeCheck.builds(
                ranges,
                Stored.list(BuildEnvironment.class, environments),
                Stored.list(BuildEnvironmentClass.class, CLASS),
                "team"));
    }

    @Test
    void whatIsAllowedIsOk() {
        assertThat(builds(Stored.list(LimitRange.class))).containsExactly("ok    LimitRanges in team: none");
        assertThat(builds(
                        range("{type: Container, min: {cpu: 50m}, max: {cpu: '4', memory: 8Gi}}"),
                        environment("a", "{image: maven, detection: {mode: 'Off'}}")))
                .containsExactly("ok    LimitRanges in team (team): what build pods request is allowed");
        assertThat(builds(
                        range("{type: Container, min: {cpu: 50m}, max: {cpu: '4', memory: 8Gi}}"),
                        environment("a", "{image: maven}")))
                .as("nobody sets what the observer requests")
                .first()
                .asString()
                .contains("Set the observer's requests.cpu to at least 50m", "set spec.detection.mode to Off");
    }

    @Test
    void environmentsWithTheSameFaultAreOneFinding() {
        assertThat(builds(
                        range("{type: Container, max: {memory: 2Gi}}"),
                        environment("b", "{resources: {limits: {memory: 4Gi}}}"),
                        environment("a", "{resources: {limits: {memory: 4Gi}}}"),
                        environment("c", "{}")))
                .containsExactly(
                        "MISSING  LimitRanges in team: the pods of a, b are refused: maximum memory usage per Container is"
                                + " 2Gi, but limit is 4Gi. Set spec.resources.limits.memory to at most 2Gi. A field that is"
                                + " not set has the value of the class",
                        "    kubectl edit benv a -n team");
    }

    @Test
    void theClassIsCheckedBeforeThereIsAnEnvironment() {
        assertThat(builds(range("{type: Pod, min: {cpu: '1'}}")))
                .containsExactly(
                        "note  LimitRanges in team: an environment that sets no resources and has class standard would be"
                                + " refused: minimum cpu usage per Pod is 1, but request is 500m. Set"
                                + " spec.resources.requests.cpu to at least 1. A field that is not set has the value of the"
                                + " class",
                        "    kubectl describe limitrange -n team");
    }

    @Test
    void claimsAndDefaultsOfOtherResourcesAreChecked() {
        assertThat(builds(
                        range("{type: PersistentVolumeClaim, min: {storage: 20Gi}}"),
                        environment("a", "{workspace: {size: 10Gi}}")))
                .containsExactly(
                        "MISSING  LimitRanges in team: the pods of a are refused: minimum storage usage per"
                                + " PersistentVolumeClaim is 20Gi, but request is 10Gi. Change spec.workspace.size",
                        "    kubectl edit benv a -n team");
        assertThat(builds(range("{type: Container, default: {vendor.example/device: '1'}}")))
                .first()
                .asString()
                .startsWith(
                        "note  LimitRanges in team: an environment that sets no resources and has class standard would"
                                + " be refused: a LimitRange has a default for vendor.example/device");
        assertThat(builds(
                        range("{type: Container, default: {vendor.example/device: '1'}}"),
                        environment(
                                "a", "{resources: {limits: {vendor.example/device: '1'}}, detection: {mode: 'Off'}}")))
                .noneMatch(line -> line.startsWith("MISSING"));
    }

    @Test
    void whatIsNotKnownIsANote() {
        assertThat(builds(Stored.denied()))
                .containsExactly("note  LimitRanges in team: not checked, because you may not list things");
        assertThat(lines(LimitRangeCheck.builds(
                        range("{type: Container, max: {memory: 2Gi}}"), Stored.denied(), Stored.denied(), "team")))
                .containsExactly("note  LimitRanges in team: not checked, because the classes are not known");
    }

    @Test
    void podsOfTheChartAreChecked() {
        Lookup<Deployment> canaries = Stored.found(Deployment.class, """
                metadata: {name: cleanroom-canary}
                spec: {template: {spec: {containers: [{name: canary, resources: {requests: {cpu: 50m, memory: 64Mi},
                  limits: {memory: 64Mi}}}]}}}
                """);
        assertThat(LimitRangeCheck.ofChart(
                        range("{type: Container, min: {cpu: 50m}, default: {cpu: 500m}}"),
                        canaries,
                        "canaries.resources",
                        TARGET))
                .isEmpty();
        assertThat(lines(LimitRangeCheck.ofChart(
                                range("{type: Container, min: {memory: 128Mi}}"),
                                canaries,
                                "canaries.resources",
                                TARGET)
                        .orElseThrow()))
                .containsExactly(
                        "MISSING  LimitRanges in cleanroom-system (team): the pods of Deployment cleanroom-canary are"
                                + " refused: minimum memory usage per Container is 128Mi, but request is 64Mi. Set the"
                                + " chart's value canaries.resources to what is allowed",
                        "    kubectl describe limitrange -n cleanroom-system");
    }
}
