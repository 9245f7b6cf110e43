package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was observed of one run. */
@JsonClassDescription("What was observed of one run.")
public record BuildRecordObserved(
        @JsonPropertyDescription("The pod of the run.") @Required
        Pod pod,

        @JsonPropertyDescription("Whether all of the run was observed, and why not.") @Required
        Observation observation,

        @JsonPropertyDescription("Hash of the spec fields that shaped the pod, as in the environment's status.")
        @Nullable @Text(TextKind.SHORT)
        String specHash,

        @JsonPropertyDescription("spec.source of the environment when the run ended.") @Nullable Source source,

        @JsonPropertyDescription("The images that could run in the pod, each by its verified digest.")
        @Size(max = 32) @ListKeys("image")
        @Nullable List<RecordedImage> images,

        @JsonPropertyDescription("When the pod got its node, in RFC 3339, by the API server's clock.")
        @Nullable @Text(TextKind.TIME)
        String startTime,

        @JsonPropertyDescription("When the build container started, in RFC 3339, by the clock of its node.")
        @Nullable @Text(TextKind.TIME)
        String buildStartTime,

        @JsonPropertyDescription("When the operator saw that the run had ended, in RFC 3339.")
        @Nullable @Text(TextKind.TIME)
        String finishTime,

        @JsonPropertyDescription(
                "Exit code of the step that ended the run; absent if something else ended it, such as spec.maxLifetime.")
        @Nullable Integer exitCode,

        @JsonPropertyDescription(
                "What went into the build: the workspace when the build's first instruction was about to run; absent if it"
                        + " was not observed.")
        @Nullable BuildRecordInputs inputs,

        @JsonPropertyDescription(
                "What the lockfiles and fetched packages of the workspace are; absent if there are no inputs.")
        @Nullable Dependencies dependencies,

        @JsonPropertyDescription(
                "The lists of files, dependencies and packages; absent if there are no inputs. The command cleanroom record"
                        + " show prints them.")
        @Nullable Detail detail,

        @JsonPropertyDescription(
                "What the build changed in the workspace; absent if the inputs are not Complete, or the end was not observed.")
        @Nullable BuildRecordOutputs outputs,

        @JsonPropertyDescription("The files that detection.artifacts names, when the build had ended. The first 50.")
        @Size(max = 50) @ListKeys("path")
        @Nullable List<BuildRecordArtifact> artifacts,

        @JsonPropertyDescription(
                "How much of the artifacts was read; absent if none were declared, or their end was not observed.")
        @Nullable BuildRecordReading artifactsRead,

        @JsonPropertyDescription(
                "The reports of scanners that detection.reports names, when the build had ended. The first 20.")
        @Size(max = 20) @ListKeys("path")
        @Nullable List<BuildRecordScanner> scanners,

        @JsonPropertyDescription(
                "How much of the reports was read; absent if none were declared, or their end was not observed.")
        @Nullable BuildRecordReading scannersRead,

        @JsonPropertyDescription(
                "The entries of the artifacts and the results of the scanners; absent if there are none. The command cleanroom"
                        + " record diff compares them.")
        @Nullable OutputsDetail outputsDetail,

        @JsonPropertyDescription("What the run asked the network for; absent if it was not observed.") @Nullable Network network) {

    @JsonClassDescription("A pod, by name and uid.")
    public record Pod(
            @JsonPropertyDescription("Name of the pod.") @Required @Text(TextKind.SHORT)
            String name,

            @JsonPropertyDescription("Its uid.") @Required @Text(TextKind.SHORT)
            String uid) {}

    @JsonClassDescription("Whether all of the run was observed.")
    public record Observation(
            @JsonPropertyDescription(
                    "Complete: the observer ran until the end, and its report is whole. Partial: the report leaves something"
                            + " out. Unobserved: there is no report that can be used.")
            @Required
            Outcome outcome,

            @JsonPropertyDescription(
                    "Why it is not Complete, as a code: the reasons are explained below. Absent if it is Complete.")
            @Nullable @Text(TextKind.SHORT)
            String reason,

            @JsonPropertyDescription("What the reason means here and what to do. Absent if it is Complete.")
            @Nullable @Text(TextKind.SHORT)
            String message) {}

    /** How much of a run was observed. */
    public enum Outcome {
        Complete,
        Partial,
        Unobserved
    }

    @JsonClassDescription("An image that could run in the pod.")
    public record RecordedImage(
            @JsonPropertyDescription("Its location and digest.") @Required @Text(TextKind.SHORT)
            String image,

            @JsonPropertyDescription(
                    "Who signed it, as in status.image of the environment; known for the image of the build alone.")
            @Size(max = 16) @Nullable List<@Text(TextKind.SHORT) String> signers) {}

    @JsonClassDescription("What the lockfiles and fetched packages of a workspace are.")
    public record Dependencies(
            @JsonPropertyDescription("How many different dependencies the lockfiles name.") @Min(0) @Nullable Integer count,

            @JsonPropertyDescription("How many packages were fetched, as in node_modules, vendor or site-packages.")
            @Min(0) @Nullable Integer packages,

            @JsonPropertyDescription("How many of the fetched packages have code that runs when they are installed.")
            @Min(0) @Nullable Integer withInstallCode,

            @JsonPropertyDescription("How many dependencies the lockfiles name by ecosystem.")
            @Size(max = 16) @ListKeys("ecosystem")
            @Nullable List<Ecosystem> ecosystems) {}

    @JsonClassDescription("The dependencies of one ecosystem.")
    public record Ecosystem(
            @JsonPropertyDescription("A type of package URL: npm, pypi, golang, maven or cargo.")
            @Required
            @Text(TextKind.SHORT)
            String ecosystem,

            @JsonPropertyDescription("How many dependencies.") @Min(0) @Nullable Integer count) {}

    @JsonClassDescription("The lists of files, dependencies and packages.")
    public record Detail(
            @JsonPropertyDescription("SHA-256 over the lists, hexadecimal.") @Nullable @Text(TextKind.SHORT)
            String sha256,

            @JsonPropertyDescription(
                    "The record of the same namespace that has the same lists; this one leaves them out.")
            @Nullable @Text(TextKind.SHORT)
            String sameAs,

            @JsonPropertyDescription(
                    "The lists: lines of JSON, compressed with gzip, in base64; at most 128 KiB compressed. Digests have 16"
                            + " hexadecimal digits.")
            @Nullable @Text(TextKind.DETAIL)
            String content,

            @JsonPropertyDescription(
                    "How many entries were left out for the lists to fit: packages without install code first, then"
                            + " dependencies.")
            @Min(0) @Nullable Integer omitted) {}

    @JsonClassDescription("The entries of artifacts and the results of scanners.")
    public record OutputsDetail(
            @JsonPropertyDescription("SHA-256 over the lists, hexadecimal.") @Nullable @Text(TextKind.SHORT)
            String sha256,

            @JsonPropertyDescription(
                    "The lists: lines of JSON, compressed with gzip, in base64; at most 64 KiB compressed. Digests have 16"
                            + " hexadecimal digits.")
            @Nullable @Text(TextKind.OUTPUTS_DETAIL)
            String content,

            @JsonPropertyDescription(
                    "How many entries and results were left out for the lists to fit: entries of archives within archives"
                            + " first.")
            @Min(0) @Nullable Integer omitted) {}

    @JsonClassDescription("What the run asked the network for.")
    public record Network(
            @JsonPropertyDescription("How many different names and addresses it asked for without an answer.")
            @Min(0) @Nullable Integer denied,

            @JsonPropertyDescription(
                    "Names that a step asked the resolver for. The resolver of a build pod refuses every name, because names"
                            + " come from egress.hostnames. The first 200, in the order of their first time.")
            @Size(max = 200) @Nullable List<RefusedName> refusedNames,

            @JsonPropertyDescription(
                    "Addresses outside the pod from which a connection got no answer for at least 500 ms, and those to which"
                            + " a UDP socket was connected. The first 200, in the order of their first time.")
            @Size(max = 200) @Nullable List<UnansweredConnection> unansweredConnections,

            @JsonPropertyDescription(
                    "How many names and addresses the lists leave out, those included that the observer left out.")
            @Min(0) @Nullable Integer omitted,

            @JsonPropertyDescription(
                    "What the kernel counted in the pod's network from the observer's start to its end.")
            @Nullable Counters counters) {}

    @JsonClassDescription("A name that a step asked for and that was refused.")
    public record RefusedName(
            @JsonPropertyDescription("The name, in lower case; bytes that are not printable ASCII are escaped.")
            @Required
            @Text(TextKind.SHORT)
            String name,

            @JsonPropertyDescription(
                    "The step that ran then: a prepare step's name, or build; absent before the first step.")
            @Nullable @Text(TextKind.SHORT)
            String step,

            @JsonPropertyDescription("How often.") @Min(0) @Nullable Integer count,

            @JsonPropertyDescription("The first time, in RFC 3339, by the clock of the node.")
            @Nullable @Text(TextKind.TIME)
            String firstTime,

            @JsonPropertyDescription("The last time, in RFC 3339, by the clock of the node.")
            @Nullable @Text(TextKind.TIME)
            String lastTime) {}

    @JsonClassDescription("An address from which connections got no answer.")
    public record UnansweredConnection(
            @JsonPropertyDescription("The address, IPv4 or IPv6.") @Required @Text(TextKind.SHORT)
            String address,

            @JsonPropertyDescription("The port.") @Min(0) @Nullable Integer port,

            @JsonPropertyDescription("TCP or UDP.") @Nullable @Text(TextKind.SHORT)
            String protocol,

            @JsonPropertyDescription(
                    "The step that ran then: a prepare step's name, or build; absent before the first step.")
            @Nullable @Text(TextKind.SHORT)
            String step,

            @JsonPropertyDescription("How many sockets.") @Min(0) @Nullable Integer count,

            @JsonPropertyDescription("The first time, in RFC 3339, by the clock of the node.")
            @Nullable @Text(TextKind.TIME)
            String firstTime,

            @JsonPropertyDescription("The last time, in RFC 3339, by the clock of the node.")
            @Nullable @Text(TextKind.TIME)
            String lastTime) {}

    @JsonClassDescription("Counters of the kernel, which no process of the pod can reset.")
    public record Counters(
            @JsonPropertyDescription(
                    "First packets of TCP connections that were sent again, because nothing answered the one before.")
            @Min(0) @Nullable Long tcpSynRetrans,

            @JsonPropertyDescription(
                    "TCP connections that failed before they were established, those to the pod itself included. A network"
                            + " plug-in that rejects packets instead of dropping them leaves its trace here alone.")
            @Min(0) @Nullable Long tcpAttemptFails,

            @JsonPropertyDescription(
                    "UDP datagrams sent, without questions to the pod's own resolver and their answers.")
            @Min(0) @Nullable Long udpOutDatagrams) {}
}
