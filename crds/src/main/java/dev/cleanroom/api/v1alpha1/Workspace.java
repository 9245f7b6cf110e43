package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** A generic ephemeral volume: created with the pod and deleted with it. */
@JsonClassDescription("A volume claim for each pod, shared by its steps.")
public record Workspace(
        @JsonPropertyDescription("Size of the claim, in bytes, such as 10Gi.") @Required
        Quantity size,

        @JsonPropertyDescription(
                "Storage class of the claim; when absent, the cluster's default. Required where the class has"
                        + " limits.storageClasses.")
        @Nullable @Text(TextKind.DNS_NAME)
        String storageClassName,

        @JsonPropertyDescription("Directory at which every step sees it.")
        @Default("/workspace")
        @Text(TextKind.MOUNT_PATH)
        String mountPath) {}
