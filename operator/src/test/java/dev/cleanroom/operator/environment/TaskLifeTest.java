package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.AfterFinished;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.lab.RecordingProxy;
import dev.cleanroom.operator.lab.Requests;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A task that runs again on request, and one that goes when it has finished, on a real API server. */
@LabTest
class TaskLifeTest {
    private static final Map<String, String> EXIT = Map.of("lab.cleanroom.dev/exit-after", "0s");

    @Test
    void aRerunIsAnsweredOnceAlsoAfterARestart(Lab lab) {
        String namespace = lab.namespace();
        RecordingProxy proxy = lab.proxy();
        OperatorProcess operator =
                lab.operator(lab.kubeconfig(proxy), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);
        environments.create(Manifests.task("payments", "standard"));
        environments.awaitCondition("payments", "Ready", "True", "Running");
        finish(environments, "payments", "payments-0-1");

        environments.annotate("payments", Map.of(CleanroomApi.RERUN_ANNOTATION, "monday"));
        environments.awaitPods("payments", "payments-0-2");
        assertThat(environments.pod("payments-0-2").getMetadata().getAnnotations())
                .containsEntry(CleanroomApi.RERUN_ANNOTATION, "monday");
        environments.awaitCondition("payments", "Ready", "True", "Running");
        finish(environments, "payments", "payments-0-2");
        assertThat(environments.get("payments").getStatus().lastRun().rerun()).isEqualTo("monday");
        assertThat(proxy.requests(Requests.writes().and(Requests.on("buildenvironments"))))
                .as("only status is written, and never the annotation")
                .allMatch(write -> write.path().endsWith("/status"));

        assertThat(operator.terminate()).isZero();
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        environments.annotate("payments", Map.of(CleanroomApi.RERUN_ANNOTATION, "two words, and \u202e"));
        environments.awaitPods("payments", "payments-0-3");
        assertThat(environments
                        .pod("payments-0-3")
                        .getMetadata()
                        .getAnnotations()
                        .get(CleanroomApi.RERUN_ANNOTATION))
                .startsWith("sha256:");
    }

    @Test
    void anEnvironmentForOneBuildGoesAfterItHasFinishedAndOneThatIsKeptStays(Lab lab) {
        String namespace = lab.namespace();
        RecordingProxy proxy = lab.proxy();
        lab.operator(lab.kubeconfig(proxy), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);
        environments.create(task("once", AfterFinished.Delete));
        environments.create(task("kept", AfterFinished.Keep));
        environments.awaitCondition("once", "Ready", "True", "Running");
        environments.awaitCondition("kept", "Ready", "True", "Running");
        finish(environments, "kept", "kept-0-1");
        environments.annotatePod("once-0-1", EXIT);
        Environments.until(
                "the environment to go",
                () -> assertThat(environments.find("once")).isEmpty());
        environments.awaitPods("kept");
        environments.awaitCondition("kept", "Finished", "True", "Succeeded");
        assertThat(proxy.requests(Requests.method("DELETE").and(Requests.on("buildenvironments"))))
                .as("asked for once, with what was seen")
                .singleElement()
                .satisfies(delete -> assertThat(delete.body()).contains("\"uid\"", "\"resourceVersion\""));
    }

    @Test
    void anEnvironmentForOneBuildStaysWhileItsIncidentIsOpenAndTheIncidentOutlivesIt(Lab lab) {
        String namespace = lab.namespace();
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        Environments environments = lab.environments(namespace);
        environments.create(task("once", AfterFinished.Delete));
        environments.awaitCondition("once", "Ready", "True", "Running");
        Pod suspect = environments.pod("once-0-1");
        environments.annotatePod("once-0-1", Map.of(CleanroomApi.QUARANTINE_ANNOTATION, "odd egress"));
        String incident = environments.incidents().awaitOf(suspect);
        environments.awaitPods("once", "once-0-1", "once-0-2");
        environments.awaitCondition("once", "Ready", "True", "Running");
        environments.annotatePod("once-0-2", EXIT);
        environments.awaitPods("once", "once-0-1");
        environments.awaitCondition("once", "Finished", "True", "Succeeded");

        environments.incidents().resolve(incident, "FalsePositive", "a mirror that moved");
        Environments.until(
                "the environment to go",
                () -> assertThat(environments.find("once")).isEmpty());
        environments.incidents().awaitCondition(incident, "Closed", "True", "FalsePositive");
        assertThat(environments.podNames("once")).isEmpty();
    }

    private static BuildEnvironment task(String name, AfterFinished afterFinished) {
        return Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: %s}
                spec:
                  image: %s
                  command: [build]
                  ttlAfterFinished: 2s
                  afterFinished: %s
                """.formatted(name, Manifests.IMAGE, afterFinished));
    }

    private static void finish(Environments environments, String environment, String pod) {
        environments.annotatePod(pod, EXIT);
        environments.await(environment, it -> {
            assertThat(it.getStatus().lastRun()).isNotNull();
            assertThat(it.getStatus().lastRun().pod()).isEqualTo(pod);
        });
        environments.awaitCondition(environment, "Finished", "True", "Succeeded");
    }
}
