package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** What is done when a pod is under suspicion. */
@JsonClassDescription("What is done when a pod is under suspicion.")
public record Response(
        @JsonPropertyDescription(
                "IsolateFirst: the pod is isolated at once. PreserveFirst: snapshots are requested first, and"
                        + " the pod is isolated 10 s later. When absent, the class's value, otherwise"
                        + " IsolateFirst. A pod keeps the value with which it was created.")
        @Nullable ResponseOrder order,

        @JsonPropertyDescription(
                "Automatic: a clean pod replaces it at once. Manual: when the incident is closed. Never: not"
                        + " until the environment is deleted and created again. When absent, the class's value,"
                        + " otherwise Automatic.")
        @Nullable Rebuild rebuild) {}
