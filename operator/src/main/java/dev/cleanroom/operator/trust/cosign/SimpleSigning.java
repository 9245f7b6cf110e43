package dev.cleanroom.operator.trust.cosign;

import dev.cleanroom.operator.trust.sigstore.Artifact;
import dev.cleanroom.operator.trust.sigstore.Json;
import dev.cleanroom.operator.trust.sigstore.Refusal;
import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import java.util.Optional;

/** The payload of a legacy signature, "simple signing" (sigstore/cosign, specs/SIGNATURE_SPEC.md, "Payload"). */
final class SimpleSigning {
    static final String TYPE = "cosign container image signature";

    private SimpleSigning() {}

    /**
     * Checks a payload whose signature is valid.
     *
     * @param repository the repository for which the image must have been signed; an image can be copied with its
     *     signature
     */
    static void mustBeAbout(byte[] payload, Artifact image, Optional<String> repository) throws Refusal {
        Json critical = Json.parse(payload, "payload", SimpleSigning::malformed).object("critical");
        String type = critical.text("type");
        if (!type.equals(TYPE)) {
            throw Refusal.rejected(
                    RejectionCode.PayloadTypeUnexpected,
                    "the payload's critical.type is " + Refusal.quote(type) + ", and must be " + TYPE);
        }
        String digest = critical.object("image").text("docker-manifest-digest");
        if (!digest.equals("sha256:" + image.hex())) {
            throw Refusal.rejected(
                    RejectionCode.SubjectMismatch,
                    "the payload is for " + Refusal.quote(digest) + " and not for sha256:" + image.hex());
        }
        String reference = critical.object("identity").text("docker-reference");
        if (repository.isPresent() && !repository.get().equals(reference)) {
            throw Refusal.rejected(
                    RejectionCode.ReferenceMismatch,
                    "the image was signed for " + Refusal.quote(reference) + " and not for " + repository.get());
        }
    }

    private static Refusal malformed(String message) {
        return Refusal.rejected(RejectionCode.PayloadMalformed, "the payload is malformed: " + message);
    }
}
