package dev.cleanroom.api.v1alpha1;

public record EnvironmentVariable(String name, String value, ValueFrom valueFrom) {
    public record ValueFrom(String fieldRef) {}
}
