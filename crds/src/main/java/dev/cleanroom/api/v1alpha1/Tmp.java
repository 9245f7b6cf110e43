package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** The scratch space of each step. */
@JsonClassDescription("The scratch space of each step.")
public record Tmp(
        @JsonPropertyDescription(
                "The most that each step may write to its /tmp, and again to its HOME, in bytes, such as 2Gi;"
                        + " when absent, the class's defaults.tmpSize.")
        @Nullable Quantity size) {}
