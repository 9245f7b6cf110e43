package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Required;

/** A Secret in the namespace that the description of the field says. */
@JsonClassDescription("A Secret of type kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg.")
public record PullSecret(
        @JsonPropertyDescription("Name of the Secret.") @Required @Text(TextKind.DNS_NAME)
        String name) {}
