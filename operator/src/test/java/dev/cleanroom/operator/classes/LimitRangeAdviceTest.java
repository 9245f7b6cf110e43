package dev.cleanroom.operator.classes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class LimitRangeAdviceTest {
    private static final String END = ". A field that is not set has the value of the class";

    private static SequencedMap<String, ResourceRequirements> steps() {
        SequencedMap<String, ResourceRequirements> steps = new LinkedHashMap<>();
        steps.put("spec.resources", resources("requests: {cpu: '1', memory: 1Gi}\nlimits: {cpu: '2', memory: 2Gi}"));
        steps.put(
                "spec.prepare[0].resources",
                resources("requests: {cpu: 100m, memory: 64Mi}\nlimits: {cpu: '1', memory: 128Mi}"));
        return steps;
    }

    private static ResourceRequirements resources(String yaml) {
        return Serialization.unmarshal(yaml, ResourceRequirements.class);
    }

    private static Optional<String> advice(String words) {
        return LimitRangeAdvice.of("pods \"payments-0-1\" is forbidden: " + words, steps());
    }

    @Test
    void theFieldsOfTheStepsThatBreakTheRuleAreNamed() {
        assertThat(advice("maximum cpu usage per Container is 1500m, but limit is 2"))
                .contains("Set spec.resources.limits.cpu to at most 1500m" + END);
        assertThat(advice("minimum memory usage per Container is 100Mi, but request is 64Mi"))
                .contains("Set spec.prepare[0].resources.requests.memory to at least 100Mi" + END);
        assertThat(advice("cpu max limit to request ratio per Container is 4, but provided ratio is 10.000000"))
                .contains("Set spec.prepare[0].resources.limits.cpu to at most 4 times"
                        + " spec.prepare[0].resources.requests.cpu" + END);
    }

    @Test
    void everyRuleOfOneRefusalIsNamed() {
        assertThat(advice("[maximum cpu usage per Container is 500m, but limit is 2, maximum memory usage per Container"
                        + " is 64Mi, but limit is 2Gi, memory max limit to request ratio per Container is 1, but provided"
                        + " ratio is 2.000000]"))
                .contains(
                        "Set spec.resources.limits.cpu to at most 500m, spec.prepare[0].resources.limits.cpu to at most"
                                + " 500m, spec.resources.limits.memory to at most 64Mi, spec.prepare[0].resources.limits.memory to"
                                + " at most 64Mi, and more" + END);
    }

    @Test
    void whatNoStepSetsIsNamedForEveryStep() {
        assertThat(advice("minimum vendor.example/device usage per Container is 1.  No request is specified"))
                .contains("Set spec.resources.requests.vendor.example/device to at least 1,"
                        + " spec.prepare[0].resources.requests.vendor.example/device to at least 1" + END);
    }

    @Test
    void aRuleAboutThePodThatNoSingleStepBreaksIsAboutTheBuild() {
        assertThat(advice("memory max limit to request ratio per Pod is 2, but provided ratio is 2.500000"))
                .contains("Set spec.resources.limits.memory to at most 2 times spec.resources.requests.memory" + END);
    }

    @Test
    void otherRefusalsAndTextsOfOthersHaveNoAdvice() {
        assertThat(advice("exceeded quota: team, requested: pods=1, used: pods=1, limited: pods=1"))
                .isEmpty();
        assertThat(advice("maximum cpu usage per Container is 1e999999999, but limit is 2"))
                .isEmpty();
        assertThat(advice("maximum cpu usage per Container is many, but limit is 2"))
                .isEmpty();
    }
}
