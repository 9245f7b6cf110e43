package dev.cleanroom.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

public record ComputeResources(Map<String, Quantity> requests, Map<String, Quantity> limits) {}
