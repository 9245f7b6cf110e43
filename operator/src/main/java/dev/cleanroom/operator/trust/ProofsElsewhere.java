package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.trust.policy.PolicyCode;
import dev.cleanroom.operator.trust.policy.Tally;
import dev.cleanroom.operator.trust.registry.Descriptor;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.registry.Manifest;
import dev.cleanroom.operator.trust.registry.Referrers;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import dev.cleanroom.operator.trust.registry.RegistryClient;
import dev.cleanroom.operator.trust.registry.Repository;
import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Says what a missing proof may have been attached to instead: an image of the index that was verified, or an index that
 * lists the verified image. It only explains a rejection. Nothing that it finds counts.
 */
final class ProofsElsewhere {
    /** The most images of an index that are looked at. */
    static final int MOST_IMAGES = 4;

    private static final Set<String> MISSING = Set.of(
            PolicyCode.SignatureMissing.name(),
            PolicyCode.AttestationMissing.name(),
            RejectionCode.PredicateTypeUnexpected.name(),
            RejectionCode.SubjectMismatch.name());

    /** What build tools call entries of an index that are not images. */
    private static final String NO_PLATFORM = "unknown/unknown";

    private static final int MOST_PLATFORM_CHARACTERS = 40;

    private final RegistryClient registry;
    private final Repository repository;

    ProofsElsewhere(RegistryClient registry, Repository repository) {
        this.registry = registry;
        this.repository = repository;
    }

    /** The conclusion, with an explanation where a proof is missing. */
    Tally.Conclusion explained(Tally tally, Tally.Conclusion conclusion, Manifest verified) {
        if (!(conclusion instanceof Tally.Conclusion.Rejected rejected) || !MISSING.contains(rejected.code())) {
            return conclusion;
        }
        tally.note(
                switch (verified) {
                    case Manifest.Image _ ->
                        "It is a single image, so what is attached to an index that lists it does not count";
                    case Manifest.Index index ->
                        "It is an index, so what is attached to its images does not count"
                                + holder(index)
                                        .map(image ->
                                                ", as to the image for " + platform(image) + ", " + image.digest())
                                        .orElse("");
                });
        return tally.conclude(Optional.empty());
    }

    private Optional<Descriptor> holder(Manifest.Index index) {
        List<Descriptor> images = index.manifests().stream()
                .filter(image ->
                        image.platform() == null || !image.platform().toString().equals(NO_PLATFORM))
                .limit(MOST_IMAGES)
                .toList();
        return images.stream().filter(image -> hasProofs(image.digest())).findFirst();
    }

    /** A referrer of any type: where the registry keeps them in a tag, cosign 2 does not write the type of a bundle. */
    private boolean hasProofs(Digest image) {
        boolean referred =
                registry.referrers(repository, image) instanceof RegistryAnswer.Found<Referrers>(Referrers referrers)
                        && !referrers.descriptors().isEmpty();
        return referred
                || Stream.of(image.legacySignatureTag(), image.legacyAttestationTag())
                        .anyMatch(
                                tag -> registry.manifest(repository.at(tag)) instanceof RegistryAnswer.Found<Manifest>);
    }

    /** Printable, because anyone with the right to push can write an index. */
    private static String platform(Descriptor image) {
        String platform = String.valueOf(image.platform()).replaceAll("[^A-Za-z0-9/._-]", "?");
        return image.platform() == null
                ? "any platform"
                : platform.substring(0, Math.min(platform.length(), MOST_PLATFORM_CHARACTERS));
    }
}
