package dev.cleanroom.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

public record BuildEnvironmentClassStatus(Long observedGeneration, List<Condition> conditions) {}
