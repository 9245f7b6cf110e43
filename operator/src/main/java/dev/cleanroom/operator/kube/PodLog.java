package dev.cleanroom.operator.kube;

/** The answer to a request for a container's log. */
public sealed interface PodLog {

    /** @param bytes the beginning of the log, at most as many bytes as were asked for */
    @SuppressWarnings("ArrayRecordComponent")
    record Read(byte[] bytes) implements PodLog {}

    /** The API server refuses it: a person, or the end of the pod, is the reason. */
    record Refused(int code, String message) implements PodLog {}

    /** The API server or the node did not answer; it may later. */
    record Unavailable(String message) implements PodLog {}
}
