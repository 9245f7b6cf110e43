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

/** Whether the policy can be used, and with which trust roots. */
@JsonClassDescription("What is known about the policy. Only the operator writes it.")
public record TrustPolicyStatus(
        @JsonPropertyDescription("The metadata.generation that this status describes.") @Min(0) @Nullable Long observedGeneration,

        @JsonPropertyDescription("Ready: its keys, patterns, expressions and trust roots can be used.")
        @Size(max = 16) @ListKeys("type")
        @Nullable List<Condition> conditions,

        @JsonPropertyDescription(
                "How many BuildEnvironments have an image that this generation of the policy rejects, and so"
                        + " start no new pod. Absent until every BuildEnvironment has been judged by this"
                        + " generation, and while the policy cannot be used.")
        @Min(0) @Nullable Integer rejectedEnvironments,

        @JsonPropertyDescription(
                "The largest number of build pods that were seen to run what this generation of the policy"
                        + " denies, including those that were quarantined for it. Up to 10 are quarantined"
                        + " automatically. If there are more, none is quarantined until an administrator sets the"
                        + " annotation cleanroom.dev/enforce to the policy's generation, even if fewer are left."
                        + " Absent until they were counted, and if the policy denies no digest.")
        @Min(0) @Nullable Integer deniedPods,

        @JsonPropertyDescription("The trust roots of the authorities without a key.")
        @Size(max = 16) @ListKeys("authority")
        @Nullable List<TrustRootInUse> trustRoots) {

    @JsonClassDescription("A trust root as it was read.")
    public record TrustRootInUse(
            @JsonPropertyDescription("Name of the authority.") @Required @Text(TextKind.SHORT)
            String authority,

            @JsonPropertyDescription("SHA-256 of the root's bytes, sha256:...") @Required @Text(TextKind.SHORT)
            String digest) {}
}
