package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operator builds it fresh each time and writes it once; every field is absent until it is known. */
@JsonClassDescription("What is known about the environment. Only the operator writes it.")
public record BuildEnvironmentStatus(
        @JsonPropertyDescription("The metadata.generation that this status describes.") @Min(0) @Nullable Long observedGeneration,

        @JsonPropertyDescription("Ready, Finished, ImageVerified, NetworkEnforced, Quarantined, Reconciling, Stalled.")
        @Size(max = 16) @ListKeys("type")
        @Nullable List<Condition> conditions,

        @JsonPropertyDescription("The class in use, named or default.") @Nullable @Text(TextKind.SHORT)
        String className,

        @JsonPropertyDescription("The image that the pods run.") @Nullable ImageStatus image,

        @JsonPropertyDescription("Pods that run or are about to run; pods under investigation do not count.")
        @Min(0) @StatusReplicas
        @Nullable Integer replicas,

        @JsonPropertyDescription("Pods among replicas whose build has started.") @Min(0) @Nullable Integer readyReplicas,

        @JsonPropertyDescription(
                "Pods under investigation; they do not count in the other fields and do not" + " block other pods.")
        @Min(0) @Nullable Integer quarantinedReplicas,

        @JsonPropertyDescription("One entry for each replica that failed or was replaced.")
        @Size(max = 1_000) @ListKeys("slot")
        @Nullable List<SlotStatus> slots,

        @JsonPropertyDescription("The pod that ended last.") @Nullable LastRun lastRun,

        @JsonPropertyDescription("Label selector of the pods among replicas, for autoscalers.")
        @LabelSelector
        @Nullable @Text(TextKind.SHORT)
        String selector,

        @JsonPropertyDescription("Names of the latest 10 BuildIncidents about pods of the environment.")
        @Size(max = 10) @ListKeys
        @Nullable List<@Text(TextKind.SHORT) String> incidents,

        @JsonPropertyDescription(
                "The latest 3 names and addresses that runs asked for without an answer, newest first. The record of a run has more.")
        @Size(max = 3) @Nullable List<DeniedConnection> deniedConnections,

        @JsonPropertyDescription(
                "The worst 3 findings of the latest judged run, the highest severity first. Its record has all.")
        @Size(max = 3) @Nullable List<StatusFinding> findings,

        @JsonPropertyDescription("The BuildRecords that matter most.") @Nullable Records records) {

    @JsonClassDescription("What was found in a run.")
    public record StatusFinding(
            @JsonPropertyDescription("What was found, as in the record.") @Required @Text(TextKind.SHORT)
            String key,

            @JsonPropertyDescription("Low, Medium, High or Critical.") @Nullable Severity severity,

            @JsonPropertyDescription(
                    "Inputs: what went into the build. Running: what the run tried. Outputs: what it left.")
            @Nullable Stage stage,

            @JsonPropertyDescription("The BuildRecord of the run.") @Nullable @Text(TextKind.SHORT)
            String record,

            @JsonPropertyDescription("What was found, in a sentence.") @Nullable @Text(TextKind.SHORT)
            String detail) {}

    @JsonClassDescription("Names of BuildRecords.")
    public record Records(
            @JsonPropertyDescription("The record of the latest run.") @Nullable @Text(TextKind.SHORT)
            String latest,

            @JsonPropertyDescription(
                    "The record of the known-good run with which the next run is compared. Absent if there is none yet.")
            @Nullable @Text(TextKind.SHORT)
            String baseline) {}

    @JsonClassDescription("A name or an address that a run asked for without an answer.")
    public record DeniedConnection(
            @JsonPropertyDescription("The name; absent for an address.") @Nullable @Text(TextKind.SHORT)
            String name,

            @JsonPropertyDescription("The address; absent for a name.") @Nullable @Text(TextKind.SHORT)
            String address,

            @JsonPropertyDescription("The port, for an address.") @Min(0) @Nullable Integer port,

            @JsonPropertyDescription("The step that ran then: a prepare step's name, or build.")
            @Nullable @Text(TextKind.SHORT)
            String step,

            @JsonPropertyDescription("How often in that run.") @Min(0) @Nullable Integer count,

            @JsonPropertyDescription(
                    "The last time, in RFC 3339, by the clock of the node, but not later than the end of the run.")
            @Nullable @Text(TextKind.TIME)
            String lastTime) {}

    @JsonClassDescription("An image and the digest it was resolved to.")
    public record ImageStatus(
            @JsonPropertyDescription("The reference in the spec.") @Nullable @Text(TextKind.SHORT)
            String reference,

            @JsonPropertyDescription("The digest that runs, sha256:...") @Nullable @Text(TextKind.SHORT)
            String digest,

            @JsonPropertyDescription("The digest, shortened to sha256: and 12 digits, for columns.")
            @Nullable @Text(TextKind.SHORT)
            String shortDigest,

            @JsonPropertyDescription(
                    "When these policies first accepted it as this digest, in RFC 3339; verifying it again does"
                            + " not change it.")
            @Nullable @Text(TextKind.TIME)
            String verifiedAt,

            @JsonPropertyDescription(
                    "The policies that accepted it; if there are more than 16, the first by" + " name.")
            @Size(max = 16) @ListKeys("name")
            @Nullable List<AcceptedBy> policies) {}

    @JsonClassDescription("A TrustPolicy that accepted the image.")
    public record AcceptedBy(
            @JsonPropertyDescription("Name of the TrustPolicy.") @Required @Text(TextKind.SHORT)
            String name,

            @JsonPropertyDescription("The metadata.generation of the policy that decided.") @Min(0) @Nullable Long generation,

            @JsonPropertyDescription(
                    "The signers: key sha256:<digest of the public key>, or the certificate's subject and its"
                            + " issuer; if there are more than 16, the first by name.")
            @Size(max = 16) @Nullable List<@Text(TextKind.SHORT) String> signers) {}

    @JsonClassDescription("The counters of one replica.")
    public record SlotStatus(
            @JsonPropertyDescription("Index of the replica, from 0.") @Required @Min(0) Integer slot,

            @JsonPropertyDescription("Number in the name of its current pod; it never decreases.") @Min(0) @Nullable Integer attempt,

            @JsonPropertyDescription("Failures since the last success, or since the spec changed.") @Min(0) @Nullable Integer failures,

            @JsonPropertyDescription("When the operator saw that it failed last, in RFC 3339.")
            @Nullable @Text(TextKind.TIME)
            String lastFailure,

            @JsonPropertyDescription(
                    "Hash of those spec fields that shaped the pod that failed last. A pod of another spec does"
                            + " not wait for it.")
            @Nullable @Text(TextKind.SHORT)
            String specHash,

            @JsonPropertyDescription(
                    "The request for a rerun that the pod that failed last answered, as in lastRun. A pod that"
                            + " answers another request does not wait for it.")
            @Nullable @Text(TextKind.SHORT)
            String rerun,

            @JsonPropertyDescription(
                    "How often in a row something other than the build ended its pod: the cluster, the node, or somebody"
                            + " who deleted it. That does not count against retries. Absent if it did not happen.")
            @Min(0) @Nullable Integer uncounted,

            @JsonPropertyDescription("How it failed last, and whether that counts.") @Nullable @Text(TextKind.SHORT)
            String message) {}

    @JsonClassDescription("How one pod ended.")
    public record LastRun(
            @JsonPropertyDescription("Name of the pod.") @Nullable @Text(TextKind.SHORT)
            String pod,

            @JsonPropertyDescription("Its uid.") @Nullable @Text(TextKind.SHORT)
            String uid,

            @JsonPropertyDescription("When it got its node, in RFC 3339.") @Nullable @Text(TextKind.TIME)
            String startTime,

            @JsonPropertyDescription(
                    "When the operator saw that it had ended, in RFC 3339. The time that its node reports is not used,"
                            + " because the clock of a node may be wrong.")
            @Nullable @Text(TextKind.TIME)
            String finishTime,

            @JsonPropertyDescription("Exit code of the step that ended it.") @Nullable Integer exitCode,

            @JsonPropertyDescription(
                    "Hash of the spec fields that shaped the pod; a task runs again when they" + " change.")
            @Nullable @Text(TextKind.SHORT)
            String specHash,

            @JsonPropertyDescription(
                    "The latest value of the annotation cleanroom.dev/rerun that a run answered. A task runs"
                            + " again when the annotation gets another value. A value that is not 1 to 63 letters,"
                            + " digits, '.', '_', ':', '+' or '-', beginning with a letter or digit, is shown as"
                            + " sha256: and the first 16 digits of its hash.")
            @Nullable @Text(TextKind.SHORT)
            String rerun,

            @JsonPropertyDescription("How it ended, where the exit code alone does not say it.")
            @Nullable @Text(TextKind.SHORT)
            String message) {}
}
