package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** How runs are observed. */
@JsonClassDescription("How runs are observed.")
public record Detection(
        @JsonPropertyDescription(
                "Report: an observer in each pod records what the run asks for, and a BuildRecord keeps it; no build is"
                        + " stopped because of it. \"Off\", in quotes in YAML: neither. When absent, the class's value, otherwise Report. A pod"
                        + " keeps the observer with which it was created, or has none.")
        @Nullable DetectionMode mode) {}
