package dev.cleanroom.operator.pod;

/** Computed names: a pod has one incident, and its claim one snapshot, however often they are created. */
public final class IncidentNames {
    private static final int UID_LENGTH = 8;
    private static final String WORKSPACE = "-cleanroom-workspace";

    private IncidentNames() {}

    public static String incident(String pod, String uid) {
        return pod + "-" + uid.substring(0, Math.min(UID_LENGTH, uid.length()));
    }

    /** The claim of a pod's generic ephemeral volume, whose name Kubernetes computes. */
    public static String workspaceClaim(String pod) {
        return pod + WORKSPACE;
    }

    public static String workspaceSnapshot(String incident) {
        return incident + "-workspace";
    }
}
