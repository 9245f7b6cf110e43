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

        @JsonPropertyDescription("What the pod had that others have too.") @Nullable Exposure exposure,

        @JsonPropertyDescription("One entry for each volume claim of the pod.")
        @Size(max = 16) @ListKeys("claim")
        @Nullable List<VolumeStatus> volumes,

        @JsonPropertyDescription("What was done, in order, each step once; at most 64.")
        @Size(max = 64) @ListKeys("step")
        @Nullable List<TimelineEntry> timeline) {

    @JsonClassDescription("What the pod had that others have too.")
    public record Exposure(
            @JsonPropertyDescription(
                    "Digest of the image that its build ran, which Confirmed denies; absent where it was Cleanroom's own"
                            + " tools image, or the pod was gone before it was seen.")
            @Nullable @Text(TextKind.DIGEST)
            String imageDigest) {}

    @JsonClassDescription("One volume claim and its snapshot.")
    public record VolumeStatus(
            @JsonPropertyDescription("Name of the PersistentVolumeClaim.") @Required @Text(TextKind.SHORT)
            String claim,

            @JsonPropertyDescription("Name of the VolumeSnapshot; absent where none could be asked for.")
            @Nullable @Text(TextKind.SHORT)
            String snapshot,

            @JsonPropertyDescription(
                    "Requested: asked for. Cut: the moment it shows is fixed. Ready: it can be restored from. Missing:"
                            + " there is none, and detail says why.")
            @Required
            VolumeState state,

            @JsonPropertyDescription("The moment that the snapshot shows, in RFC 3339.") @Nullable @Text(TextKind.TIME)
            String cutAt,

            @JsonPropertyDescription("Why there is none, or the last message of the driver.") @Nullable @Text(TextKind.SHORT)
            String detail) {}

    @JsonClassDescription("One step.")
    public record TimelineEntry(
            @JsonPropertyDescription("What was done.") @Required @Text(TextKind.SHORT)
            String step,

            @JsonPropertyDescription("When it was seen, in RFC 3339.") @Required @Text(TextKind.TIME)
            String time,

            @JsonPropertyDescription("To what, and with what result.") @Nullable @Text(TextKind.SHORT)
            String detail) {}

    /** How far a snapshot is. */
    public enum VolumeState {
        Requested,
        Cut,
        Ready,
        Missing
    }
}
