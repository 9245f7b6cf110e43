package dev.cleanroom.operator.incident;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.Map;

/** The fields of a VolumeSnapshotClass that matter. */
public final class SnapshotClasses {
    private static final String RETAIN = "Retain";
    private static final String DEFAULT = "snapshot.storage.kubernetes.io/is-default-class";

    private SnapshotClasses() {}

    /** Whether the copy of the volume outlives the objects that represent it. */
    public static boolean retains(GenericKubernetesResource snapshotClass) {
        return RETAIN.equals(snapshotClass.get("deletionPolicy"));
    }

    static boolean isDefault(GenericKubernetesResource snapshotClass) {
        Map<String, String> annotations = snapshotClass.getMetadata().getAnnotations();
        return annotations != null && "true".equals(annotations.get(DEFAULT));
    }
}
