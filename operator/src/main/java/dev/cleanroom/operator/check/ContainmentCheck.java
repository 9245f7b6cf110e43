package dev.cleanroom.operator.check;

import dev.cleanroom.operator.incident.SnapshotClasses;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;

/** Checks what a quarantine uses and the chart does not install. */
final class ContainmentCheck {
    private static final String SNAPSHOTS = "snapshots of workspaces";
    private static final String WITHOUT = "; the evidence of an incident is then only the held pod and its claim";

    private ContainmentCheck() {}

    static Finding snapshots(Lookup<List<GenericKubernetesResource>> classes) {
        return switch (classes) {
            case Lookup.Denied<List<GenericKubernetesResource>> denied -> Finding.denied(SNAPSHOTS, denied);
            case Lookup.Absent<List<GenericKubernetesResource>> _ ->
                Finding.note(SNAPSHOTS, "the cluster does not serve snapshot.storage.k8s.io" + WITHOUT);
            case Lookup.Found<List<GenericKubernetesResource>>(var all) -> {
                List<String> retaining = all.stream()
                        .filter(SnapshotClasses::retains)
                        .map(it -> it.getMetadata().getName())
                        .sorted()
                        .toList();
                yield retaining.isEmpty()
                        ? Finding.note(
                                SNAPSHOTS, "there is no VolumeSnapshotClass with deletionPolicy Retain" + WITHOUT)
                        : Finding.ok(SNAPSHOTS + ": retained by " + String.join(", ", retaining));
            }
        };
    }
}
