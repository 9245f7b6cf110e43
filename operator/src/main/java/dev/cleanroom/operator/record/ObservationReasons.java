package dev.cleanroom.operator.record;

/** Why a run was not observed completely: part of the API, never renamed within a version. */
public final class ObservationReasons {
    // Partial: the observer says so itself.
    public static final String TOO_MANY_NAMES = "TooManyNames";
    public static final String TOO_MANY_CONNECTIONS = "TooManyConnections";
    public static final String TOO_MANY_HELLOS = "TooManyHellos";
    public static final String NO_HELLO = "NoHello";
    public static final String UNREADABLE = "Unreadable";

    // Partial: the observer did not read the whole workspace.
    public static final String TOO_MANY_FILES = "TooManyFiles";
    public static final String TOO_MANY_BYTES = "TooManyBytes";
    public static final String TOO_SLOW = "TooSlow";
    public static final String TOO_MANY_ITEMS = "TooManyItems";
    public static final String INTERRUPTED = "Interrupted";

    // Unobserved.
    public static final String NO_OBSERVER = "NoObserver";
    public static final String NO_REPORT = "NoReport";
    public static final String REPORT_DIFFERS = "ReportDiffers";
    public static final String NOT_PERMITTED = "NotPermitted";
    public static final String LOG_UNAVAILABLE = "LogUnavailable";
    public static final String POD_ENDING = "PodEnding";

    private ObservationReasons() {}
}
