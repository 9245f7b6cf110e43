package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.SlotStatus;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What ended a build is read from its pod, and reported, on a real API server. */
@LabTest
class BuildEndsTest {
    private static final String NOTE = "lab.cleanroom.dev/";

    @Test
    void whatTheBuildIsToBlameForCountsAndSaysWhatToChange(Lab lab) {
        Environments environments = running(lab, "full", "memory", "broken");
        environments.annotatePod("full-0-1", Map.of(NOTE + "pod-reason", "Evicted"));
        environments.annotatePod("memory-0-1", Map.of(NOTE + "exit-reason", "OOMKilled", NOTE + "exit-after", "0s"));
        environments.annotatePod("broken-0-1", Map.of(NOTE + "exit-code", "3", NOTE + "exit-after", "0s"));
        failed(
                environments,
                "full",
                "Pod full-0-1: the kubelet evicted the pod because it exceeded a limit of its own (Evicted: Usage of"
                        + " EmptyDir volume \"tmp-build\" exceeds the limit \"1Gi\".): raise spec.tmp.size");
        failed(
                environments,
                "memory",
                "Pod memory-0-1: the build used more memory than its limit (OOMKilled, exit code 137): raise"
                        + " spec.resources.limits.memory");
        failed(environments, "broken", "Pod broken-0-1: the build exited with 3");
    }

    @Test
    void whatItIsNotToBlameForDoesNotCountAndIsReported(Lab lab) {
        Environments environments = running(lab, "drained", "rebooted");
        environments.annotatePod("drained-0-1", Map.of(NOTE + "pod-reason", "Evicted", NOTE + "disrupted", "true"));
        environments.annotatePod(
                "rebooted-0-1",
                Map.of(NOTE + "exit-code", "255", NOTE + "exit-reason", "Unknown", NOTE + "exit-after", "0s"));
        uncounted(
                environments,
                "drained",
                "the cluster ended the pod (TerminationByKubelet: The node was low on resource");
        uncounted(
                environments,
                "rebooted",
                "the node lost the build, as after a restart of the node (Unknown, exit code 255)");
        environments.awaitPods("drained", "drained-0-2");
        environments.awaitPods("rebooted", "rebooted-0-2");
    }

    @Test
    void theClockOfANodeMovesNothing(Lab lab) {
        Environments environments = running(lab, "ahead", "behind");
        Instant began = Instant.now();
        Map<String, Instant> clocks =
                Map.of("ahead", began.plus(Duration.ofDays(31)), "behind", began.minus(Duration.ofDays(31)));
        clocks.forEach((name, ended) -> lab.admin()
                .pods()
                .inNamespace(environments.namespace())
                .withName(name + "-0-1")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), """
                        {"status": {"phase": "Failed", "startTime": "%s", "containerStatuses": [{"name": "build", "image": "x",
                          "imageID": "x", "ready": false, "restartCount": 0, "started": false,
                          "state": {"terminated": {"exitCode": 255, "reason": "Unknown", "finishedAt": "%s"}}}]}}
                        """.formatted(ended, ended)));
        clocks.forEach((name, ended) -> {
            uncounted(environments, name, "the clock of its node is wrong: it says that the pod ended at ");
            assertThat(Instant.parse(slot(environments, name).lastFailure()))
                    .isBetween(began.minusSeconds(2), Instant.now());
        });
        environments.awaitPods("ahead", "ahead-0-2");
        environments.awaitPods("behind", "behind-0-2");
    }

    private static Environments running(Lab lab, String... tasks) {
        String namespace = lab.namespace();
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);
        for (String task : tasks) {
            environments.create(Manifests.task(task, "standard"));
        }
        for (String task : tasks) {
            environments.awaitCondition(task, Reasons.READY, "True", Reasons.RUNNING);
        }
        return environments;
    }

    private static void failed(Environments environments, String name, String message) {
        environments.awaitCondition(name, Reasons.STALLED, "True", Reasons.BUILD_FAILED);
        assertThat(message(environments, name, Reasons.FINISHED)).isEqualTo(message);
        assertThat(slot(environments, name).failures()).isEqualTo(1);
    }

    private static void uncounted(Environments environments, String name, String message) {
        environments.awaitCondition(name, Reasons.READY, "False", Reasons.BACKING_OFF);
        assertThat(message(environments, name, Reasons.READY))
                .contains(message, "; this does not count against spec.retries");
        assertThat(slot(environments, name).failures()).isZero();
        assertThat(slot(environments, name).uncounted()).isEqualTo(1);
    }

    private static String message(Environments environments, String name, String type) {
        return Conditions.find(environments.get(name).getStatus().conditions(), type)
                .orElseThrow()
                .getMessage();
    }

    private static SlotStatus slot(Environments environments, String name) {
        return environments.get(name).getStatus().slots().getFirst();
    }
}
