package dev.cleanroom.operator.classes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@link LimitRangeRules} says is what the API server says. */
@LabTest
class LimitRangeRulesTest {
    private static final List<String> RANGES = List.of(
            "{type: Container, min: {cpu: 50m, memory: 50Mi}, max: {cpu: '1', memory: 1Gi}}",
            "{type: Container, default: {cpu: 200m}, defaultRequest: {cpu: 100m, memory: 64Mi}}",
            "{type: Container, maxLimitRequestRatio: {cpu: '2', memory: 1500m}}",
            "{type: Pod, min: {cpu: 300m}, max: {memory: 512Mi}, maxLimitRequestRatio: {memory: '2'}}",
            "{type: Container, min: {ephemeral-storage: 1Gi}}",
            "{type: Pod, max: {ephemeral-storage: 1Gi, cpu: 1500m}}");

    private static final List<String> STEPS = List.of(
            "{requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 500m, memory: 64Mi}}",
            "{requests: {cpu: 200m, memory: 1Gi}, limits: {cpu: 200m, memory: 1Gi, ephemeral-storage: 2Gi}}",
            "{requests: {cpu: '1', memory: 256Mi}, limits: {cpu: '2', memory: 512Mi}}",
            "{limits: {cpu: 40m, memory: 2Gi, vendor.example/device: '1'}}",
            "{requests: {cpu: 100m}}",
            "{}");

    @Test
    void podsAreRefusedInTheSameWords(Lab lab) {
        for (String item : RANGES) {
            String namespace = lab.namespace(Map.of());
            LimitRange range =
                    lab.admin().resource(Manifests.limitRange(namespace, item)).create();
            for (String first : STEPS) {
                for (String second : STEPS) {
                    Pod pod = pod(namespace, first, second);
                    List<ResourceRequirements> steps = List.of(
                            LimitRangeRules.withDefaults(
                                    pod.getSpec().getInitContainers().getFirst().getResources(), List.of(range)),
                            LimitRangeRules.withDefaults(
                                    pod.getSpec().getContainers().getFirst().getResources(), List.of(range)));
                    Environments.until(
                            "the same words for " + item + " and " + first + ", " + second,
                            () -> assertThat(words(lab, pod))
                                    .containsExactlyInAnyOrderElementsOf(LimitRangeRules.refusals(range, steps)));
                }
            }
        }
    }

    @Test
    void claimsAreRefusedInTheSameWords(Lab lab) {
        String namespace = lab.namespace(Map.of());
        LimitRange range = lab.admin()
                .resource(Manifests.limitRange(
                        namespace, "{type: PersistentVolumeClaim, min: {storage: 5Gi}, max: {storage: 20Gi}}"))
                .create();
        for (String size : List.of("1Gi", "10Gi", "30Gi")) {
            PersistentVolumeClaim claim =
                    Serialization.unmarshal("""
                    apiVersion: v1
                    kind: PersistentVolumeClaim
                    metadata: {name: workspace, namespace: %s}
                    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: %s}}}
                    """.formatted(namespace, size), PersistentVolumeClaim.class);
            Environments.until(
                    "the same words for " + size,
                    () -> assertThat(words(lab, claim))
                            .containsExactlyInAnyOrderElementsOf(
                                    LimitRangeRules.claimRefusals(range, new Quantity(size))));
        }
    }

    private static List<String> words(Lab lab, HasMetadata object) {
        try {
            lab.admin().resource(object).dryRun(true).create();
            return List.of();
        } catch (KubernetesClientException e) {
            String message = e.getStatus().getMessage();
            assertThat(message).contains(" is forbidden: ");
            String words = message.substring(message.indexOf(" is forbidden: ") + " is forbidden: ".length())
                    .replaceAll("^\\[|\\]$", "")
                    .replaceAll(" +", " ");
            return List.of(words.split(", (?=minimum|maximum|[a-z./-]+ max )"));
        }
    }

    private static Pod pod(String namespace, String first, String second) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: plain, namespace: %s}
                spec:
                  initContainers: [{name: first, image: registry.example.com/tool:1, resources: %s}]
                  containers: [{name: second, image: registry.example.com/tool:1, resources: %s}]
                """.formatted(namespace, first, second), Pod.class);
    }
}
