package dev.cleanroom.operator.incident.status;

import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.Resolution;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.incident.model.ObservedIncident;
import dev.cleanroom.operator.kube.Conditions.Content;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the incident is over: not before what a Confirmed one ran is denied.
 *
 * @param steps for the timeline, with their details
 */
record ClosedJudgement(Content verdict, Map<String, String> steps) {

    static ClosedJudgement of(ObservedIncident observed) {
        Resolution resolution = observed.incident().getSpec().resolution();
        if (resolution == null) {
            return new ClosedJudgement(open(observed.incident().getMetadata()), Map.of());
        }
        Optional<String> waiting = observed.toBeDenied();
        if (waiting.isPresent()) {
            return new ClosedJudgement(refused(observed, waiting.get()), Map.of());
        }
        Map<String, String> steps = new LinkedHashMap<>();
        if (observed.isBeingConfirmed()) {
            observed.imageDigest()
                    .ifPresentOrElse(
                            digest -> steps.put(
                                    "ImageDenied",
                                    digest + " starts nowhere any more: TrustPolicy " + CleanroomApi.DENIED_POLICY),
                            () -> steps.put(
                                    "NoImageDenied",
                                    "the build ran Cleanroom's own tools image, or no build pod was seen: what else is"
                                            + " to run nowhere, deny it in a TrustPolicy"));
        }
        steps.put("Closed", resolution.verdict() + (resolution.note() == null ? "" : ": " + resolution.note()));
        return new ClosedJudgement(
                Content.yes(resolution.verdict().name(), "closed by a resolution; the pod and its claims are let go"),
                steps);
    }

    private static Content open(ObjectMeta incident) {
        return Content.no(
                Reasons.OPEN,
                "held until a responder decides: kubectl patch incident " + incident.getName() + " -n "
                        + incident.getNamespace()
                        + " --type=merge -p '{\"spec\":{\"resolution\":{\"verdict\":\"Confirmed\"}}}'");
    }

    private static Content refused(ObservedIncident observed, String digest) {
        return Content.no(
                Reasons.WRITE_REFUSED,
                "held until the image is denied, and the API server does not store " + digest + " in TrustPolicy "
                        + CleanroomApi.DENIED_POLICY + ", see: kubectl edit tpol " + CleanroomApi.DENIED_POLICY + ": "
                        + observed.denyList().refused().orElse("not tried yet"));
    }
}
