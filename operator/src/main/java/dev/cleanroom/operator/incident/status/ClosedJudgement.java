package dev.cleanroom.operator.incident.status;

import dev.cleanroom.api.v1alpha1.BuildIncidentSpec;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.Resolution;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.incident.model.ObservedIncident;
import dev.cleanroom.operator.incident.status.Timeline.Step;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.Conditions.Content;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether the incident is closed. It is not closed before its image is denied, if its resolution says so.
 *
 * @param steps for the timeline
 */
record ClosedJudgement(Content verdict, List<Step> steps) {

    static ClosedJudgement of(ObservedIncident observed, @Nullable List<Condition> before) {
        // What was reported stays: the builds that the denial stopped are not counted again.
        Optional<Condition> reported =
                Conditions.find(before, Reasons.CLOSED).filter(condition -> "True".equals(condition.getStatus()));
        if (reported.isPresent()) {
            return new ClosedJudgement(
                    Content.yes(reported.get().getReason(), reported.get().getMessage()), List.of());
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
                        "closed by a resolution; the pod and its claims are released"
                                + image.map(step -> "; " + step.detail()).orElse("")),
                Stream.concat(Stream.of(closed), image.stream()).toList());
    }

    private static String decided(Resolution resolution) {
        return resolution.verdict()
                + (resolution.cause() == null ? "" : ", cause: " + resolution.cause())
                + (resolution.note() == null ? "" : ": " + resolution.note());
    }

    /** What happened to the image of a suspect that was confirmed as compromised. */
    private static Step image(ObservedIncident observed) {
        Optional<String> digest = observed.imageDigest();
        if (digest.isEmpty()) {
            return Step.observed(
                    "NoImageDenied",
                    "no image is denied, because the build ran Cleanroom's own tools image, or its pod was never"
                            + " observed; deny other images in a TrustPolicy");
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
                                .map(stops -> ", which " + stops.message())
                                .orElse(""));
    }

    private static Content open(ObjectMeta incident) {
        return Content.no(
                Reasons.OPEN,
                "The pod is held until a responder decides: kubectl patch incident " + incident.getName() + " -n "
                        + incident.getNamespace()
                        + " --type=merge -p '{\"spec\":{\"resolution\":{\"verdict\":\"Confirmed\"}}}', with"
                        + " \"denyImage\":true to stop every build that uses its image");
    }

    private static Content refused(ObservedIncident observed, String digest) {
        return Content.no(
                Reasons.WRITE_REFUSED,
                "The pod is held until its image is denied. The API server does not store " + digest
                        + " in TrustPolicy "
                        + CleanroomApi.DENIED_POLICY + ". See kubectl edit tpol " + CleanroomApi.DENIED_POLICY + ": "
                        + observed.denyList().refused().orElse("not tried yet"));
    }
}
