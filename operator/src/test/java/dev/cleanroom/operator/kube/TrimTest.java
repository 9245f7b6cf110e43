package dev.cleanroom.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrimTest {
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: agents-0-1
              labels: {cleanroom.dev/environment: agents}
              annotations: {cleanroom.dev/requested: "spec.dnsPolicy", cleanroom.dev/order: IsolateFirst}
            status:
              initContainerStatuses:
                - {name: checkout, state: {terminated: {startedAt: "2026-01-01T00:00:01Z", finishedAt: "2026-01-01T00:05:00Z"}}}
              containerStatuses:
                - {name: build, state: {terminated: {startedAt: "2026-01-01T00:05:00Z", finishedAt: "2026-01-01T00:05:03Z"}}}
            """;

    @Test
    void ofABuildIsKeptHowLongItRanAndOfAStepWhenItEnded() {
        Pod read = TolerantSerialization.create().unmarshal(POD, Pod.class);
        ContainerStateTerminated build = ended(read.getStatus().getContainerStatuses());
        assertThat(build.getStartedAt()).isEqualTo("2026-01-01T00:05:00Z");
        assertThat(build.getFinishedAt()).isEqualTo("2026-01-01T00:05:03Z");
        ContainerStateTerminated step = ended(read.getStatus().getInitContainerStatuses());
        assertThat(step.getStartedAt()).isNull();
        assertThat(step.getFinishedAt()).isEqualTo("2026-01-01T00:05:00Z");
    }

    @Test
    void whatWasRequestedIsNotKept() {
        Pod read = TolerantSerialization.create().unmarshal(POD, Pod.class);
        assertThat(read.getMetadata().getAnnotations()).containsOnlyKeys("cleanroom.dev/order");
    }

    /** What a container wrote is not read; why its runtime could not start it is. */
    @Test
    void ofABuildsMessagesOnlyThoseOfTheRuntimeAreKept() {
        for (String reason : List.of("Error", "Completed", "OOMKilled", "StartError", "ContainerCannotRun")) {
            Pod read = TolerantSerialization.create()
                    .unmarshal(
                            POD.replace(
                                    "terminated: {startedAt: \"2026-01-01T00:05:00Z\"",
                                    "terminated: {reason: " + reason + ", message: m"),
                            Pod.class);
            ContainerStateTerminated build = ended(read.getStatus().getContainerStatuses());
            assertThat(build.getReason()).isEqualTo(reason);
            assertThat(build.getMessage()).isEqualTo(Trim.NOT_STARTED.contains(reason) ? "m" : null);
        }
    }

    private static ContainerStateTerminated ended(List<ContainerStatus> statuses) {
        return statuses.getFirst().getState().getTerminated();
    }
}
