package dev.cleanroom.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which changes of a pod wake its environment. */
class BuildPodTest {
    private static final String POD = """
            metadata:
              name: web-0-1
              uid: u
              resourceVersion: "1"
              creationTimestamp: 2026-01-01T00:00:00Z
              labels: {cleanroom.dev/environment: web, cleanroom.dev/state: active}
              annotations: {cleanroom.dev/spec-hash: h, cleanroom.dev/images: "r.example.com/a@sha256:1"}
              ownerReferences: [{controller: true, uid: e}]
            status:
              phase: Pending
              startTime: 2026-01-01T00:00:01Z
              podIP: ""
              conditions: [{type: Initialized, status: "False"}]
              containerStatuses: [{name: build, state: {waiting: {reason: ContainerCreating}}}]
            """;

    private static Pod pod(String yaml) {
        return Serialization.unmarshal("apiVersion: v1\nkind: Pod\n" + yaml, Pod.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    cleanroom.dev/state: active      | cleanroom.dev/state: quarantined
                    cleanroom.dev/state: active      | cleanroom.dev/state: suspect
                    phase: Pending                   | phase: Succeeded
                    phase: Pending                   | phase: Failed
                    waiting: {reason: ContainerCreating} | running: {startedAt: "2026-01-01T00:00:02Z"}
                    waiting: {reason: ContainerCreating} | terminated: {exitCode: 1}
                    waiting: {reason: ContainerCreating} | waiting: {reason: ErrImagePull}
                    uid: e                           | uid: incident
                    uid: u                           | deletionTimestamp: 2026-01-01T00:00:09Z
                    startTime: 2026-01-01T00:00:01Z  | hostIP: ""
                    type: Initialized, status: "False" | type: PodScheduled, status: "True", lastTransitionTime: "2026-01-01T00:00:03Z"
                    cleanroom.dev/spec-hash: h       | cleanroom.dev/spec-hash: g
                    a@sha256:1                       | a@sha256:2
                    """)
    void whatADecisionReadsWakes(String before, String after) {
        assertThat(POD).contains(before);
        assertThat(BuildPod.differ(pod(POD), pod(POD.replace(before, after)))).isTrue();
    }

    /** A kubelet writes another message with each try, and a scheduler whenever a node changes. */
    @Test
    void anotherMessageAboutTheSameTroubleDoesNotWake() {
        String pulling = POD.replace("ContainerCreating", "ImagePullBackOff, message: try 1");
        assertThat(BuildPod.differ(pod(pulling), pod(pulling.replace("try 1", "try 2"))))
                .isFalse();
        String unscheduled = POD.replace(
                "type: Initialized, status: \"False\"",
                "type: PodScheduled, status: \"False\", reason: Unschedulable, message: 3 nodes");
        assertThat(BuildPod.differ(pod(POD), pod(unscheduled))).isTrue();
        assertThat(BuildPod.differ(pod(unscheduled), pod(unscheduled.replace("3 nodes", "4 nodes"))))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    resourceVersion: "1"             | resourceVersion: "2"
                    podIP: ""                        | podIP: 10.0.0.7
                    startTime: 2026-01-01T00:00:01Z  | startTime: 2026-01-01T00:00:03Z
                    type: Initialized, status: "False" | type: Initialized, status: "True"
                    cleanroom.dev/spec-hash: h       | cleanroom.dev/spec-hash: h, other.example.com/a: b
                    """)
    void whatNoDecisionReadsDoesNot(String before, String after) {
        assertThat(POD).contains(before);
        assertThat(BuildPod.differ(pod(POD), pod(POD.replace(before, after)))).isFalse();
    }
}
