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
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was done, when, and with what result. */
@JsonClassDescription("What was done, when, and with what result. Only the operator writes it.")
public record BuildIncidentStatus(
        @JsonPropertyDescription("The metadata.generation that this status describes.") @Min(0) @Nullable Long observedGeneration,

        @JsonPropertyDescription("Ready, Isolated, VolumesSnapshotted, Rebuilt, Closed.")
        @Size(max = 16) @ListKeys("type")
        @Nullable List<Condition> conditions,

        @JsonPropertyDescription("The environment to which the pod belonged.") @Nullable @Text(TextKind.SHORT)
        String environment,

        @JsonPropertyDescription("What the pod shared with others.") @Nullable Exposure exposure,

        @JsonPropertyDescription("One entry for each volume claim of the pod.")
        @Size(max = 16) @ListKeys("claim")
        @Nullable List<VolumeStatus> volumes,

        @JsonPropertyDescription("What happened, each step once, sorted by time; at most 64.")
        @Size(max = 64) @ListKeys("step")
        @Nullable List<TimelineEntry> timeline) {

    @JsonClassDescription("What the pod shared with others.")
    public record Exposure(
            @JsonPropertyDescription(
                    "Digest of the image that its build ran, which a resolution with denyImage: true denies;"
                            + " absent if it was Cleanroom's own tools image, or if the pod was gone before it was"
                            + " observed.")
            @Nullable @Text(TextKind.DIGEST)
            String imageDigest) {}

    @JsonClassDescription("One volume claim and its snapshot.")
    public record VolumeStatus(
            @JsonPropertyDescription("Name of the PersistentVolumeClaim.") @Required @Text(TextKind.SHORT)
            String claim,

            @JsonPropertyDescription("Name of the VolumeSnapshot; absent if none could be requested.")
            @Nullable @Text(TextKind.SHORT)
            String snapshot,

            @JsonPropertyDescription(
                    "Requested: the snapshot was requested. Cut: the moment that it shows is fixed. Ready: it"
                            + " can be restored from. Missing: there is none, and detail says why.")
            @Required
            VolumeState state,

            @JsonPropertyDescription("The moment that the snapshot shows, in RFC 3339.") @Nullable @Text(TextKind.TIME)
            String cutAt,

            @JsonPropertyDescription("Why there is none, or the last message of the driver.")
            @Nullable @Text(TextKind.SHORT)
            String detail) {}

    @JsonClassDescription("One step.")
    public record TimelineEntry(
            @JsonPropertyDescription("What was done.") @Required @Text(TextKind.SHORT)
            String step,

            @JsonPropertyDescription(
                    "When it happened, in RFC 3339, as precise as its source; if that is not known, when it was"
                            + " observed, and detail ends with (observed).")
            @Required
            @Text(TextKind.TIME)
            String time,

            @JsonPropertyDescription("To what, and with what result.") @Nullable @Text(TextKind.SHORT)
            String detail) {}

    /** The progress of a snapshot. */
    public enum VolumeState {
        Requested,
        Cut,
        Ready,
        Missing
    }
}
