package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** What is done when a pod is under suspicion. */
@JsonClassDescription("What is done when a pod is under suspicion.")
public record Response(
        @JsonPropertyDescription(
                "IsolateFirst: the network is cut at once. PreserveFirst: snapshots are asked for first, the network is"
                        + " cut 10 s later. When absent, the class's, else IsolateFirst. Stamped on a pod when it is made.")
        @Nullable ResponseOrder order,

        @JsonPropertyDescription(
                "Automatic: a clean pod replaces it at once. Manual: when the incident is closed. Never: not until"
                        + " the environment is deleted and made anew. When absent, the class's, else Automatic.")
        @Nullable Rebuild rebuild) {}
