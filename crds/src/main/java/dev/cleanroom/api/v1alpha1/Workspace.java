package dev.cleanroom.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Quantity;

public record Workspace(Quantity size, String storageClassName, String mountPath) {}
