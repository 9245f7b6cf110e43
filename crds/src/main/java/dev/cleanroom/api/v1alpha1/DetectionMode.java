package dev.cleanroom.api.v1alpha1;

/** How a run is observed. */
public enum DetectionMode {
    /** No observer, no record. */
    Off,
    /** An observer in each pod, and a BuildRecord of each run; nothing is stopped because of it. */
    Report
}
