package dev.cleanroom.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.pod.Progress.End;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A launcher's end is the cluster's while the pod is preparing. After that, a build could imitate it. */
class LauncherEndTest {
    private static final String MESSAGE =
            "{\"outcome\":\"PreparationStillRuns\",\"families\":[\"IPv4\"],\"detail\":\"7 (\\\"sh\\\")\"}";

    @Test
    void inAPreparingPodTheLaunchersMessageExplainsTheEnd() {
        assertThat(end("preparing", "Failed", 125, "Error", MESSAGE))
                .isEqualTo(new End.Infrastructure(
                        "PreparationStillRuns",
                        "the launcher did not start the build (PreparationStillRuns: \"7 ('sh')\")"));
    }

    @ParameterizedTest
    @CsvSource({
        "Failed, 125, Error",
        "Failed, 137, OOMKilled",
        "Failed, 1, Error",
        "Failed, 128, StartError",
        "Succeeded, 0, Completed"
    })
    void inAPreparingPodNoEndOfTheBuildContainerIsTheBuilds(String phase, int code, String reason) {
        assertThat(end("preparing", phase, code, reason, "not a launcher's"))
                .isEqualTo(new End.Infrastructure(
                        "NotStarted",
                        "something ended the launcher before it started the build (" + reason + ", exit code " + code
                                + ")"));
    }

    @Test
    void afterTheStepItIsBelievedOnlyThreeTimesInARow() {
        assertThat(end("active", "Failed", 125, "Error", MESSAGE))
                .isEqualTo(new End.Unclear(
                        125, "the launcher did not start the build (PreparationStillRuns: \"7 ('sh')\")", 3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{}", "{\"outcome\":\"Enforced\"}", "{\"outcome\":\"Evicted\"}", "[\"GateUnreachable\"]"})
    void anythingElseIsTheBuildsOwnEnd(String message) {
        assertThat(end("active", "Failed", 125, "Error", message)).isInstanceOf(End.BuildFailed.class);
    }

    @Test
    void withAnotherExitCodeItIsTheBuildsOwnEnd() {
        assertThat(end("active", "Failed", 1, "Error", MESSAGE)).isInstanceOf(End.BuildFailed.class);
        assertThat(end("active", "Succeeded", 0, "Completed", MESSAGE)).isInstanceOf(End.Succeeded.class);
    }

    @Test
    void aMessageLongerThanALaunchersIsNotRead() {
        String padded = MESSAGE.replace("}", " ".repeat(GateReport.LONGEST_MESSAGE) + "}");
        assertThat(end("active", "Failed", 125, "Error", padded)).isInstanceOf(End.BuildFailed.class);
    }

    @Test
    void aPrepareStepThatFailsIsTheBuildsOwnFailure() {
        Pod pod = pod("preparing", "Failed", """
                        initContainerStatuses: [{name: gate, state: {terminated: {exitCode: 0}}},
                          {name: fetch, state: {terminated: {exitCode: 125, reason: Error}}}]
                        """);
        assertThat(PodProgress.of(pod, GateReport.of(pod)))
                .isInstanceOfSatisfying(
                        Progress.Finished.class,
                        finished -> assertThat(finished.end())
                                .isEqualTo(new End.BuildFailed(125, "fetch", "prepare step fetch exited with 125")));
    }

    @Test
    void aPreparingPodIsPreparedWhenItsBuildContainerRuns() {
        assertThat(progress("preparing", "build", "running: {}")).isEqualTo(new Progress.Prepared());
        assertThat(progress("preparing", "build", "waiting: {reason: PodInitializing}"))
                .isInstanceOf(Progress.Waiting.class);
        assertThat(progress("active", "build", "running: {}")).isEqualTo(new Progress.Running(false));
        assertThat(progress("preparing", "another", "running: {}")).isInstanceOf(Progress.Waiting.class);
        assertThat(progress("active", "another", "running: {}")).isInstanceOf(Progress.Waiting.class);
    }

    private static Progress progress(String state, String container, String containerState) {
        Pod pod = pod(
                state, "Running", "containerStatuses: [{name: " + container + ", state: {" + containerState + "}}]");
        return PodProgress.of(pod, GateReport.of(pod));
    }

    private static End end(String state, String phase, int code, String reason, String message) {
        Pod pod = pod(state, phase, """
                        containerStatuses: [{name: build, state: {terminated: {exitCode: %d, reason: %s, message: '%s'}}}]
                        """.formatted(code, reason, message.replace("'", "''")));
        return ((Progress.Finished) PodProgress.of(pod, GateReport.of(pod))).end();
    }

    private static Pod pod(String state, String phase, String status) {
        return Serialization.unmarshal(
                """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: payments-0-1, labels: {cleanroom.dev/state: %s}}
                        status:
                          phase: %s
                          %s
                        """.formatted(state, phase, status.strip().replace("\n", "\n  ")), Pod.class);
    }
}
