package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** What the incident is about, who asked, and a responder's verdict. */
@JsonClassDescription("What the incident is about, who asked, and a responder's verdict.")
@ValidationRule(
        value = "!has(oldSelf.resolution) || (has(self.resolution) && self.resolution == oldSelf.resolution)",
        fieldPath = ".resolution",
        message = "is written once: a decision cannot be changed")
public record BuildIncidentSpec(
        @JsonPropertyDescription("The pod under suspicion.")
        @Required
        @ValidationRule(value = "self == oldSelf", message = "is immutable: an incident is about one pod")
        Subject subject,

        @JsonPropertyDescription("What raised the suspicion.")
        @Required
        @ValidationRule(value = "self == oldSelf", message = "is immutable: it records why the pod was isolated")
        Trigger trigger,

        @JsonPropertyDescription(
                "A responder's verdict. It closes the incident and releases the pod and its claims. It is"
                        + " written once, by a person with the verb resolve on buildincidents.")
        @Nullable Resolution resolution) {

    @JsonClassDescription("A pod, by name and uid: a pod of the same name later is not part of the incident.")
    public record Subject(
            @JsonPropertyDescription("Name of the pod.") @Required @Text(TextKind.POD_NAME)
            String name,

            @JsonPropertyDescription("Its uid.") @Required @Text(TextKind.UID)
            String uid,

            @JsonPropertyDescription(
                    "Namespace of the pod, if that is not the incident's own: nothing can be created in a"
                            + " namespace that is being deleted.")
            @Nullable @Text(TextKind.NAMESPACE)
            String namespace) {}

    @JsonClassDescription("What raised the suspicion.")
    public record Trigger(
            @JsonPropertyDescription(
                    "Annotation: on the pod or its environment. Alert: from a monitoring system. Indicator: seen by the"
                            + " operator itself. Manual: the incident was made by hand.")
            @Required
            TriggerSource source,

            @JsonPropertyDescription("Why, as a person or a rule wrote it; shown, never interpreted.")
            @Required
            @Text(TextKind.SHORT)
            String reason,

            @JsonPropertyDescription(
                    "Who asked, by the name that the API server knows; absent if that is not" + " known.")
            @Nullable @Text(TextKind.SHORT)
            String requestedBy) {}

    @JsonClassDescription("A responder's verdict.")
    @ValidationRule(
            value = "!has(self.denyImage) || !self.denyImage || self.verdict == 'Confirmed'",
            fieldPath = ".denyImage",
            message = "true needs verdict: Confirmed; with FalsePositive, remove it")
    public record Resolution(
            @JsonPropertyDescription("Confirmed: it was a compromise. FalsePositive: it was not.") @Required
            Verdict verdict,

            @JsonPropertyDescription("What was found, for the record.") @Nullable @Text(TextKind.SHORT)
            String note,

            @JsonPropertyDescription(
                    "What was at fault, for the record: a Dependency of the build, its Image, its Source. When absent,"
                            + " Unknown.")
            @Nullable Cause cause,

            @JsonPropertyDescription(
                    "true, with Confirmed only: the image that the build ran is denied in the whole cluster. No new pod"
                            + " starts with it, and pods that run it are quarantined. When absent, false.")
            @Nullable Boolean denyImage) {}

    /** Where a suspicion comes from. */
    public enum TriggerSource {
        Annotation,
        Alert,
        Indicator,
        Manual
    }

    /** What a compromise came from. */
    public enum Cause {
        Dependency,
        Image,
        Source,
        Unknown
    }

    /** How an incident ends. */
    public enum Verdict {
        Confirmed,
        FalsePositive
    }
}
