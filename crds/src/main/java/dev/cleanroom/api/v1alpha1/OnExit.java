package dev.cleanroom.api.v1alpha1;

public enum OnExit {
    Complete,
    Replace
}
