package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.resources.IndicatedIncident;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.IncidentNames;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Opens an incident for each pod that runs what a policy denies. With the incident, the pod is isolated, kept, and
 * not replaced while its image is rejected. The incident is the request, so it survives a crash before the pod is
 * isolated.
 */
final class DeniedPods {
    private DeniedPods() {}

    static List<Write> incidents(Observed observed) {
        Map<String, String> denied = observed.surroundings().images().denied();
        return observed.owned().pods().stream()
                .filter(pod ->
                        !pod.held() && !pod.terminating() && observed.uid().equals(pod.ownerUid()))
                .filter(pod -> !hasIncident(observed, pod))
                .flatMap(pod -> reason(pod, denied)
                        .map(reason -> incident(observed, pod, reason))
                        .filter(write -> !hasFailed(observed, write))
                        .stream())
                .toList();
    }

    private static Optional<String> reason(BuildPod pod, Map<String, String> denied) {
        return pod.origin().digests().stream()
                .sorted()
                .filter(denied::containsKey)
                .map(denied::get)
                .findFirst();
    }

    private static boolean hasIncident(Observed observed, BuildPod pod) {
        return observed.owned().incidents().stream()
                .anyMatch(incident ->
                        incident.podUid().equals(pod.id().precondition().uid()));
    }

    private static boolean hasFailed(Observed observed, Write write) {
        return observed.failures().stream()
                .map(Result::write)
                .anyMatch(failed -> failed.target().equals(write.target()));
    }

    private static Write incident(Observed observed, BuildPod pod, String reason) {
        String name =
                IncidentNames.incident(pod.id().name(), pod.id().precondition().uid());
        return new Write.Create(
                new ObjectKey(Resource.BUILD_INCIDENT, observed.namespace(), name),
                IndicatedIncident.build(observed.environment(), pod, name, reason),
                "ImageDenied");
    }
}
