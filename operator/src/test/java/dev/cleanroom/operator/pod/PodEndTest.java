package dev.cleanroom.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.pod.Progress.End;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each row of the table, with what a kubelet of Kubernetes 1.37 and the runtimes write. */
class PodEndTest {
    private static final String KILLED = "build: {exitCode: 137, reason: Error}";

    /** What ends a pod because of its node, or of somebody, with the reason and the kubelet's words. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    TerminationByKubelet         | The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi.
                    TerminationByKubelet         | Pod was preempted by Kubelet to accommodate a critical pod.
                    TerminationByKubelet         | Pod was terminated in response to imminent node shutdown.
                    PreemptionByScheduler        | Preempted by a pod on node a
                    EvictionByEvictionAPI        | Eviction API: evicting
                    DeletionByTaintManager       | Taint manager: deleting due to NoExecute taint
                    DeletionByDeviceTaintManager | Device Taint manager: deleting due to NoExecute taint
                    DeletionByPodGC              | PodGC: node no longer exists
                    """)
    void whatTheClusterDisruptsIsInfrastructure(String reason, String message) {
        for (String podReason :
                new String[] {"", "reason: Evicted, ", "reason: Terminated, ", "reason: Preempting, "}) {
            End end = end(
                    podReason + "conditions: [{type: DisruptionTarget, status: 'True', reason: " + reason
                            + ", message: '" + message + "'}]",
                    KILLED);
            assertThat(end)
                    .isEqualTo(new End.Infrastructure(
                            "DisruptionTarget", "the cluster ended the pod (" + reason + ": " + message + ")"));
        }
        assertThat(end(
                        "conditions: [{type: DisruptionTarget, status: 'False'}]",
                        "build: {exitCode: 3, reason: Error}"))
                .as("a disruption that was given up")
                .isInstanceOf(End.BuildFailed.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Terminated",
                "NodeShutdown",
                "Shutdown",
                "NodeLost",
                "Preempting",
                "UnexpectedAdmissionError",
                "UnexpectedPredicateFailureType",
                "OutOfcpu",
                "OutOfmemory",
                "OutOfephemeral-storage",
                "OutOfpods",
                "OutOfexample.com/gpu",
                "NodeAffinity",
                "NodePorts",
                "NodeName",
                "TaintToleration",
                "TopologyAffinityError",
                "SMTAlignmentError",
                "InvalidNodeInfo",
                "PodOSNotSupported",
                "PodFeatureUnsupported",
                "VolumeAttachmentLimitExceeded",
                "UnknownReason"
            })
    void whatAKubeletEndsOrRejectsIsInfrastructureWithTheKubeletsMessage(String reason) {
        var expected = new End.Infrastructure(
                reason, "the node ended or rejected the pod (" + reason + ": Pod was rejected: why)");
        String status = "reason: " + reason + ", message: 'Pod was rejected: why'";
        assertThat(end(status)).isEqualTo(expected);
        assertThat(end(status, KILLED)).as("after a restart of the kubelet").isEqualTo(expected);
    }

    @Test
    void aReasonThatNobodyKnowsIsInfrastructuresBeforeAContainerRanAndUnclearAfterwards() {
        assertThat(end("reason: Novel, message: of a later version"))
                .isEqualTo(new End.Infrastructure(
                        "Novel", "the node ended or rejected the pod (Novel: of a later version)"));
        assertThat(end("reason: Evicted, message: of a later version")).isInstanceOf(End.Infrastructure.class);
        assertThat(end("reason: Novel", KILLED)).isEqualTo(unclear(137, "something ended the pod (Novel)"));
        assertThat(end("reason: Novel", "build: {exitCode: 143, reason: Error}"))
                .isInstanceOf(End.Unclear.class);
        assertThat(end("reason: Novel", "build: {exitCode: 2, reason: Error}"))
                .as("the build itself exited")
                .isEqualTo(new End.BuildFailed(2, "build", "the build exited with 2"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    Usage of EmptyDir volume "tmp-build" exceeds the limit "1Gi".       | : raise spec.tmp.size
                    Usage of EmptyDir volume "home-checkout" exceeds the limit "1Gi".   | : raise spec.tmp.size
                    Usage of EmptyDir volume "cleanroom-workspace" exceeds the limit "8Gi". | : set spec.workspace, whose size is not limited in this way
                    Usage of EmptyDir volume "cleanroom-tools" exceeds the limit "16Mi". | ``
                    Container build exceeded its local ephemeral storage limit "10Gi".  | : raise spec.resources.limits.ephemeral-storage
                    Container unpack exceeded its local ephemeral storage limit "1Gi".  | : raise spec.prepare[1].resources.limits.ephemeral-storage
                    Pod ephemeral local storage usage exceeds the total limit of containers 30Gi. | : raise spec.resources.limits.ephemeral-storage
                    """)
    void anEvictionForALimitOfThePodIsTheBuildsAndNamesTheField(String message, String remedy) {
        assertThat(end(
                        "reason: Evicted, message: '" + message + " '",
                        "gate: {exitCode: 0}",
                        "checkout: {exitCode: 0}",
                        "unpack: {exitCode: 0}",
                        KILLED))
                .isEqualTo(new End.BuildFailed(
                        137,
                        "build",
                        "the kubelet evicted the pod because it exceeded a limit of its own (Evicted: " + message + ")"
                                + remedy));
    }

    @Test
    void anEvictionWithoutADisruptionIsTheBuildsEvenIfNoMessageOrExitCodeIsThere() {
        assertThat(end("reason: Evicted", KILLED)).isInstanceOf(End.BuildFailed.class);
        assertThat(end("reason: Evicted", "build: {exitCode: 0, reason: Completed}"))
                .as("its exit code would be that of a success")
                .isEqualTo(new End.BuildFailed(
                        137, "build", "the kubelet evicted the pod because it exceeded a limit of its own (Evicted)"));
    }

    /** As kubelets before 1.26 wrote it, and a node that rejects a pod. */
    @ParameterizedTest
    @ValueSource(
            strings = {"The node was low on resource: ephemeral-storage. ", "The node had condition: [DiskPressure]. "})
    void anEvictionForTheNodeIsInfrastructureWithoutTheConditionToo(String message) {
        assertThat(end("reason: Evicted, message: '" + message + "'", KILLED))
                .isEqualTo(new End.Infrastructure(
                        "Evicted", "the node ended or rejected the pod (Evicted: " + message.strip() + ")"));
    }

    @Test
    void aDeadlineOfTheKubeletIsADeadline() {
        assertThat(end("reason: DeadlineExceeded, message: Pod was active on the node", KILLED))
                .isEqualTo(
                        new End.DeadlineExceeded("the kubelet ended it at activeDeadlineSeconds, which Cleanroom does"
                                + " not set (DeadlineExceeded: Pod was active on the node)"));
    }

    /** Whatever the clocks of node and API server say: they are not compared. */
    @ParameterizedTest
    @ValueSource(strings = {"2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"})
    void aPodThatSomebodyDeletedIsInfrastructure(String finishedAt) {
        String deleted = ", deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 10";
        for (String container : new String[] {
            "exitCode: 143, reason: Error",
            "exitCode: 1, reason: Error",
            "exitCode: 137, reason: ContainerStatusUnknown"
        }) {
            for (String status : new String[] {"", "reason: Novel"}) {
                Pod pod = pod(deleted, status, "build: {" + container + ", finishedAt: '" + finishedAt + "'}");
                assertThat(PodEnd.of(pod, Optional.empty()))
                        .isEqualTo(new End.Infrastructure("Deleted", "somebody deleted the pod before it had ended"));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"255, Unknown", "137, ContainerStatusUnknown", "137, Unknown", "1, ContainerStatusUnknown"})
    void aContainerThatItsNodeLostIsUnclear(int code, String reason) {
        assertThat(end("", "gate: {exitCode: 0}", "build: {exitCode: " + code + ", reason: " + reason + "}"))
                .isEqualTo(unclear(
                        code,
                        "the node lost the build, as after a restart of the node (" + reason + ", exit code " + code
                                + ")"));
        assertThat(end("", "checkout: {exitCode: " + code + ", reason: " + reason + "}"))
                .isEqualTo(unclear(
                        code,
                        "the node lost prepare step checkout, as after a restart of the node (" + reason
                                + ", exit code " + code + ")"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"StartError", "ContainerCannotRun"})
    void aContainerThatCouldNotBeStartedIsUnclearWithTheRuntimesMessage(String reason) {
        assertThat(end("", "build: {exitCode: 128, reason: " + reason + ", message: no space left on device}"))
                .isEqualTo(unclear(128, "the build could not be started (" + reason + ": no space left on device)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    checkout: {exitCode: 128, reason: Error}   | 128 | checkout | prepare step checkout exited with 128
                    build: {exitCode: 3, reason: Error}        | 3   | build | the build exited with 3
                    build: {exitCode: 3}                       | 3   | build | the build exited with 3
                    build: {exitCode: 255, reason: Error}      | 255 | build | the build exited with 255
                    build: {exitCode: 127, reason: Error}      | 127 | build | the build exited with 127
                    build: {exitCode: 139, reason: Error}      | 139 | build | the build exited with 139 (signal 11)
                    build: {exitCode: 143, reason: Error}      | 143 | build | the build exited with 143 (signal 15)
                    build: {exitCode: 0, signal: 11, reason: Error} | 139 | build | the build exited with 139 (signal 11)
                    build: {exitCode: 137, reason: OOMKilled}  | 137 | build | the build used more memory than its limit (OOMKilled, exit code 137): raise spec.resources.limits.memory
                    build: {exitCode: 1, reason: OOMKilled}    | 1   | build | the build used more memory than its limit (OOMKilled, exit code 1): raise spec.resources.limits.memory
                    unpack: {exitCode: 137, reason: OOMKilled} | 137 | unpack | prepare step unpack used more memory than its limit (OOMKilled, exit code 137): raise spec.prepare[1].resources.limits.memory
                    build: {exitCode: 137, reason: Error}      | 137 | build | the build exited with 137: something killed it (SIGKILL), which often is the limit of memory: spec.resources.limits.memory
                    """)
    void itsOwnEndNamesStepCodeAndField(String container, int code, String step, String message) {
        assertThat(end("", "gate: {exitCode: 0}", "checkout: {exitCode: 0}", "unpack: {exitCode: 0}", container))
                .isEqualTo(new End.BuildFailed(code, step, message));
    }

    @Test
    void aFailureWithoutAnyExitCodeIsUnclear() {
        assertThat(end("")).isEqualTo(unclear(137, "the pod failed, and no container reports how it ended"));
        assertThat(end("", "build: {exitCode: 0}")).isInstanceOf(End.Unclear.class);
    }

    @Test
    void whatAKubeletQuotesIsBoundedAndWithoutControlCharacters() {
        End end = end("reason: OutOfcpu, message: \"a\\n\\e[31mb\\u202e" + "c".repeat(1_000) + "\"");
        assertThat(((End.Infrastructure) end).message())
                .startsWith("the node ended or rejected the pod (OutOfcpu: a  [31mb c")
                .hasSize("the node ended or rejected the pod (".length() + PodEnd.LONGEST_QUOTE + "...)".length());
    }

    private static End unclear(int exitCode, String message) {
        return new End.Unclear(exitCode, message, PodEnd.MOST_UNCLEAR);
    }

    private static End end(String status, String... containers) {
        Pod pod = pod("", status, containers);
        return PodEnd.of(pod, GateReport.of(pod));
    }

    /** A container of the name build is the build; the others are init containers. A later one replaces one of its name. */
    private static Pod pod(String metadata, String status, String... containers) {
        var steps = new LinkedHashMap<String, String>();
        String build = "";
        for (String container : containers) {
            String name = container.substring(0, container.indexOf(':'));
            String state = "{name: " + name + ", state: {terminated: " + container.substring(name.length() + 1) + "}}";
            if (name.equals("build")) {
                build = state;
            } else {
                steps.put(name, state);
            }
        }
        return Serialization.unmarshal(
                """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: payments-0-1%s}
                        status: {phase: Failed, initContainerStatuses: [%s], containerStatuses: [%s]%s}
                        """.formatted(
                        metadata, String.join(", ", steps.values()), build, status.isEmpty() ? "" : ", " + status),
                Pod.class);
    }
}
