package dev.cleanroom.operator.environment.status;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.AcceptedBy;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.ImageStatus;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.environment.model.ImageDecisions;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.kube.Conditions.Content;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.VerifiedImage;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What status says about the images: whether all are verified, and who signed the build's. */
final class ImageJudgement {
    private static final int SHORT_DIGEST_LENGTH = "sha256:".length() + 12;

    /** The most policies, and signers of one policy, that the CRD allows. */
    private static final int MOST_LISTED = 16;

    private ImageJudgement() {}

    static Content verified(Observed observed) {
        ImageDecisions decisions = observed.surroundings().images();
        TreeSet<String> policies = new TreeSet<>();
        for (Map.Entry<String, String> image : Acceptance.imagesByPath(observed.environment(), decisions.tools())
                .entrySet()) {
            switch (decisions.byReference().get(image.getValue())) {
                case ImageDecision.Rejected rejected -> {
                    return Content.no(rejected.code(), image.getKey() + ": " + rejected.message());
                }
                case ImageDecision.Unresolved unresolved -> {
                    return Content.unknown(unresolved.code(), image.getKey() + ": " + unresolved.message());
                }
                case ImageDecision.Accepted accepted ->
                    accepted.image()
                            .policies()
                            .forEach(by -> policies.add(by.policy().name()));
                case null -> {
                    return Content.unknown(Reasons.PENDING, image.getKey() + ": the image is being verified");
                }
            }
        }
        return policies.isEmpty()
                ? Content.unknown(Reasons.PENDING, "No image is known yet")
                : Content.yes(Reasons.VERIFIED, "Accepted by " + String.join(", ", policies));
    }

    static @Nullable ImageStatus status(BuildEnvironment environment, Acceptance acceptance, Instant now) {
        if (acceptance instanceof Acceptance.Undecided) {
            return known(environment);
        }
        if (!(acceptance instanceof Acceptance.Accepted accepted)) {
            return null;
        }
        String reference = environment.getSpec().image();
        VerifiedImage image = Objects.requireNonNull(accepted.images().get(reference));
        List<AcceptedBy> policies = firstByName(
                        image.policies(), by -> by.policy().name())
                .stream()
                .map(by -> new AcceptedBy(
                        by.policy().name(), by.policy().generation(), firstByName(by.signers(), signer -> signer)))
                .toList();
        return new ImageStatus(
                reference,
                image.digest(),
                image.digest().substring(0, SHORT_DIGEST_LENGTH),
                verifiedAt(environment.getStatus(), image.digest(), policies, now),
                policies);
    }

    private static <T> List<T> firstByName(List<T> all, Function<T, String> name) {
        return all.size() <= MOST_LISTED
                ? all
                : all.stream()
                        .sorted(Comparator.comparing(name))
                        .limit(MOST_LISTED)
                        .toList();
    }

    /** An unavailable registry does not remove what was reported before. It is only shown: no decision uses it. */
    private static @Nullable ImageStatus known(BuildEnvironment environment) {
        ImageStatus before =
                environment.getStatus() == null ? null : environment.getStatus().image();
        return before != null && environment.getSpec().image().equals(before.reference()) ? before : null;
    }

    /** Verifying the same again, after a restart or when an answer has expired, does not change the time. */
    private static String verifiedAt(
            @Nullable BuildEnvironmentStatus stored, String digest, List<AcceptedBy> policies, Instant now) {
        ImageStatus before = stored == null ? null : stored.image();
        return before != null
                        && before.verifiedAt() != null
                        && digest.equals(before.digest())
                        && policies.equals(before.policies())
                ? before.verifiedAt()
                : now.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
