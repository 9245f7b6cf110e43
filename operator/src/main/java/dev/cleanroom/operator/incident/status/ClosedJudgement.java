package dev.cleanroom.operator.incident.status;

import dev.cleanroom.api.v1alpha1.BuildIncidentSpec;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.Resolution;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.incident.model.ObservedIncident;
import dev.cleanroom.operator.incident.status.Timeline.Step;
import dev.cleanroom.operator.kube.Conditions.Content;
import dev.cleanroom.operator.kube.Conditions;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether the incident is over: not before its image is denied, where its resolution says so.
 *
 * @param steps for the timeline
 */
record ClosedJudgement(Content verdict, List<Step> steps) {

    static ClosedJudgement of(ObservedIncident observed, @Nullable List<Condition> before) {
        // What was told stays told: whom the denial stopped is not to be counted again.
        Optional<Condition> told =
                Conditions.find(before, Reasons.CLOSED).filter(condition -> "True".equals(condition.getStatus()));
        if (told.isPresent()) {
            return new ClosedJudgement(
                    Content.yes(told.get().getReason(), told.get().getMessage()), List.of());
        }
        Resolution resolution = observed.incident().getSpec().resolution();
        if (resolution == null) {
            return new ClosedJudgement(open(observed.incident().getMetadata()), List.of());
        }
        Optional<String> waiting = observed.toBeDenied();
        if (waiting.isPresent()) {
            return new ClosedJudgement(refused(observed, waiting.get()), List.of());
        }
        Optional<Step> image = resolution.verdict() == BuildIncidentSpec.Verdict.Confirmed
                ? Optional.of(image(observed))
                : Optional.empty();
        var closed =
                new Step(Timeline.CLOSED, decided(resolution), observed.times().resolved());
        return new ClosedJudgement(
                Content.yes(
                        resolution.verdict().name(),
                        "closed by a resolution; the pod and its claims are let go"
                                + image.map(step -> "; " + step.detail()).orElse("")),
                Stream.concat(Stream.of(closed), image.stream()).toList());
    }

    private static String decided(Resolution resolution) {
        return resolution.verdict()
                + (resolution.cause() == null ? "" : ", cause: " + resolution.cause())
                + (resolution.note() == null ? "" : ": " + resolution.note());
    }

    /** What became of the image of a suspect that was found to be an attack. */
    private static Step image(ObservedIncident observed) {
        Optional<String> digest = observed.imageDigest();
        if (digest.isEmpty()) {
            return Step.observed(
                    "NoImageDenied",
                    "no image is denied: the build ran Cleanroom's own tools image, or no build pod was seen; deny others"
                            + " in a TrustPolicy");
        }
        if (!observed.isDenyingImage()) {
            return Step.observed(
                    "NoImageDenied",
                    "the image that it ran, " + digest.get() + ", is not denied, because the resolution does not say"
                            + " denyImage: true; to deny it, an administrator adds the digest to spec.deny.digests of a"
                            + " TrustPolicy");
        }
        return Step.observed(
                "ImageDenied",
                "the image that it ran, " + digest.get() + ", is denied by TrustPolicy " + CleanroomApi.DENIED_POLICY
                        + observed.denyList()
                                .stops()
                                .map(stops -> ", which " + stops.told())
                                .orElse(""));
    }

    private static Content open(ObjectMeta incident) {
        return Content.no(
                Reasons.OPEN,
                "held until a responder decides: kubectl patch incident " + incident.getName() + " -n "
                        + incident.getNamespace()
                        + " --type=merge -p '{\"spec\":{\"resolution\":{\"verdict\":\"Confirmed\"}}}', with"
                        + " \"denyImage\":true to stop every build that uses its image");
    }

    private static Content refused(ObservedIncident observed, String digest) {
        return Content.no(
                Reasons.WRITE_REFUSED,
                "held until the image is denied, and the API server does not store " + digest + " in TrustPolicy "
                        + CleanroomApi.DENIED_POLICY + ", see: kubectl edit tpol " + CleanroomApi.DENIED_POLICY + ": "
                        + observed.denyList().refused().orElse("not tried yet"));
    }
}
