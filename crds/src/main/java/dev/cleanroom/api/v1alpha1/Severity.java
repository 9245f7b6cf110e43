package dev.cleanroom.api.v1alpha1;

/** How much a finding matters, the least first. */
public enum Severity {
    Low,
    Medium,
    High,
    Critical
}
