package dev.cleanroom.operator.check;

import dev.cleanroom.operator.incident.SnapshotClasses;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;

/** What a quarantine rests on that Cleanroom does not bring along. */
final class ContainmentCheck {
    private static final String SNAPSHOTS = "snapshots of workspaces";
    private static final String WITHOUT = "; evidence then is the held pod and its claim";

    private ContainmentCheck() {}

    static Finding snapshots(Read<List<GenericKubernetesResource>> classes) {
        return switch (classes) {
            case Read.Denied<List<GenericKubernetesResource>> denied -> Finding.denied(SNAPSHOTS, denied);
            case Read.Absent<List<GenericKubernetesResource>> _ ->
                Finding.note(SNAPSHOTS, "the cluster does not serve snapshot.storage.k8s.io" + WITHOUT);
            case Read.Found<List<GenericKubernetesResource>>(var all) -> {
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
