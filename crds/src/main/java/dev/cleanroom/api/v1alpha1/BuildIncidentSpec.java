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
        message = "is written once: what was decided stays on record")
public record BuildIncidentSpec(
        @JsonPropertyDescription("The pod under suspicion.")
        @Required
        @ValidationRule(value = "self == oldSelf", message = "is immutable: an incident is about one pod")
        Subject subject,

        @JsonPropertyDescription("What raised the suspicion.")
        @Required
        @ValidationRule(
                value = "self == oldSelf",
                message = "is immutable: it is the record of why the pod was cut off")
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
                    "Namespace of the pod, where that is not the incident's own: in a namespace that is already going,"
                            + " nothing can be created any more.")
            @Nullable @Text(TextKind.NAMESPACE)
            String namespace) {}

    @JsonClassDescription("What raised the suspicion.")
    public record Trigger(
            @JsonPropertyDescription(
                    "Annotation: on the pod or its environment. Alert: from a monitoring system. Indicator: seen by the"
                            + " operator itself. Manual: the incident was made by hand.")
            @Required
            TriggerSource source,

            @JsonPropertyDescription("Why, in a person's or a rule's words; shown, never interpreted.")
            @Required
            @Text(TextKind.SHORT)
            String reason,

            @JsonPropertyDescription("Who asked, as the API server knows them; absent where that is not known.")
            @Nullable @Text(TextKind.SHORT)
            String requestedBy) {}

    @JsonClassDescription("A responder's verdict.")
    public record Resolution(
            @JsonPropertyDescription("Confirmed: it was a compromise. FalsePositive: it was not.") @Required
            Verdict verdict,

            @JsonPropertyDescription("What was found, for the record.") @Nullable @Text(TextKind.SHORT)
            String note) {}

    /** Where a suspicion comes from. */
    public enum TriggerSource {
        Annotation,
        Alert,
        Indicator,
        Manual
    }

    /** How an incident ends. */
    public enum Verdict {
        Confirmed,
        FalsePositive
    }
}
