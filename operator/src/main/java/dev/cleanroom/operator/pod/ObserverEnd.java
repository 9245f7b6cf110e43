package dev.cleanroom.operator.pod;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a pod's observer ended. Its termination message has the digest of its log, so a log that was cut or replaced is
 * found out.
 *
 * @param digest SHA-256 of the log before its last line, 64 lower-case hexadecimal digits; empty if it left none
 * @param bytes how many bytes of the log that digest covers, as the observer says; empty if it does not say
 * @param restarted whether the kubelet started it more than once: what an earlier one saw is lost
 */
public record ObserverEnd(Optional<String> digest, Optional<Integer> bytes, boolean restarted) {
    /** The longest termination message that an observer writes. A longer one is not the observer's. */
    static final int LONGEST_MESSAGE = 512;

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /** Empty if the pod has no observer, or its kubelet has not reported one. */
    static Optional<ObserverEnd> of(Pod pod) {
        return pod.getStatus() == null || pod.getStatus().getInitContainerStatuses() == null
                ? Optional.empty()
                : pod.getStatus().getInitContainerStatuses().stream()
                        .filter(ObserverEnd::isObserver)
                        .findFirst()
                        .map(ObserverEnd::read);
    }

    static boolean isObserver(ContainerStatus status) {
        return CleanroomApi.OBSERVER_CONTAINER.equals(status.getName());
    }

    private static ObserverEnd read(ContainerStatus status) {
        Optional<JsonNode> message =
                PodProgress.terminated(status).flatMap(end -> UntrustedText.message(end.getMessage(), LONGEST_MESSAGE));
        return new ObserverEnd(
                message.map(told -> told.path("sha256").asText(""))
                        .filter(text -> DIGEST.matcher(text).matches()),
                message.map(told -> told.path("bytes"))
                        .filter(JsonNode::isInt)
                        .map(JsonNode::intValue)
                        .filter(bytes -> bytes >= 0),
                status.getRestartCount() != null && status.getRestartCount() > 0);
    }
}
