package dev.cleanroom.operator.trust;

import dev.cleanroom.api.v1alpha1.TrustPolicySpec.Format;
import dev.cleanroom.operator.trust.cosign.LegacySignature;
import dev.cleanroom.operator.trust.policy.PolicyCode;
import dev.cleanroom.operator.trust.policy.Tally;
import dev.cleanroom.operator.trust.registry.Descriptor;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.registry.Manifest;
import dev.cleanroom.operator.trust.registry.Outcome;
import dev.cleanroom.operator.trust.registry.Referrers;
import dev.cleanroom.operator.trust.registry.RegistryClient;
import dev.cleanroom.operator.trust.registry.Repository;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Reads what is attached to an image and hands each piece to a tally, until that has what it takes. Whoever may push can
 * attach anything, so: what says that it is a signature is read first, the number of pieces is limited, and a piece that
 * is not what it should be counts for nothing and stops nothing. What could not be read is told apart: it may be what is
 * missing.
 */
final class EvidenceReader {
    /** Pieces of evidence about one image that are read: referrers of whatever kind, and layers of legacy manifests. */
    static final int MOST_PIECES = 100;

    private static final String BUNDLE = "application/vnd.dev.sigstore.bundle";
    private static final String PREDICATE_TYPE = "dev.sigstore.bundle.predicateType";
    private static final String SIGNATURE = "https://sigstore.dev/cosign/sign/v1";
    private static final String LEGACY_SIGNATURE = "application/vnd.dev.cosign.simplesigning.v1+json";
    private static final String LEGACY_ATTESTATION = "application/vnd.dsse.envelope.v1+json";

    private final RegistryClient registry;
    private final Repository repository;
    private final Digest image;
    private final Tally tally;
    private int pieces;
    private Optional<Tally.Unread> unread = Optional.empty();

    EvidenceReader(RegistryClient registry, Repository repository, Digest image, Tally tally) {
        this.registry = registry;
        this.repository = repository;
        this.image = image;
        this.tally = tally;
    }

    /** Why some of the evidence could not be read; empty when all that counts was. */
    Optional<Tally.Unread> read() {
        if (tally.wants(Format.bundle)) {
            bundles();
        }
        if (tally.wants(Format.cosign)) {
            layers(
                    image.legacySignatureTag(),
                    LEGACY_SIGNATURE,
                    (payload, annotations) -> tally.legacySignature(new LegacySignature(payload, annotations)));
        }
        if (tally.wants(Format.cosign) && tally.wantsAttestations()) {
            layers(
                    image.legacyAttestationTag(),
                    LEGACY_ATTESTATION,
                    (payload, annotations) -> tally.legacyAttestation(new LegacySignature(payload, annotations)));
        }
        return unread;
    }

    private void bundles() {
        switch (registry.referrers(repository, image)) {
            case Outcome.Failed<Referrers> failed -> missed(failed);
            case Outcome.Found<Referrers>(Referrers referrers) -> {
                if (referrers.incomplete() != null) {
                    missed(referrers.incomplete().name(), "the list of referrers ends early");
                }
                for (Descriptor referrer : inOrder(referrers.descriptors())) {
                    if (!tally.wants(Format.bundle) || isEnough()) {
                        return;
                    }
                    bundle(referrer);
                }
            }
        }
    }

    /** Its own word is a hint, good for the order alone: a false one must not keep the right one from being read. */
    private static List<Descriptor> inOrder(List<Descriptor> referrers) {
        return referrers.stream()
                .sorted(Comparator.comparingInt(
                        referrer -> SIGNATURE.equals(referrer.annotations().get(PREDICATE_TYPE))
                                ? 0
                                : referrer.artifactType() != null
                                                && referrer.artifactType().startsWith(BUNDLE)
                                        ? 1
                                        : 2))
                .toList();
    }

    private void bundle(Descriptor referrer) {
        pieces++;
        switch (registry.manifest(repository, referrer)) {
            case Outcome.Failed<Manifest> failed -> missed(failed);
            case Outcome.Found<Manifest>(Manifest manifest) -> {
                if (manifest instanceof Manifest.Image artifact
                        && artifact.layers().size() == 1
                        && artifact.layers().getFirst().mediaType().startsWith(BUNDLE)) {
                    piece(artifact.layers().getFirst(), (bundle, annotations) -> tally.bundle(bundle));
                }
            }
        }
    }

    private void layers(String tag, String mediaType, BiConsumer<byte[], Map<String, String>> offer) {
        switch (registry.manifest(repository.at(tag))) {
            case Outcome.Failed<Manifest> failed -> missed(failed);
            case Outcome.Found<Manifest>(Manifest manifest) -> {
                if (!(manifest instanceof Manifest.Image signatures)) {
                    return;
                }
                for (Descriptor layer : signatures.layers()) {
                    if (!tally.wants(Format.cosign) || isEnough()) {
                        return;
                    }
                    if (layer.mediaType().equals(mediaType)) {
                        pieces++;
                        piece(layer, offer);
                    }
                }
            }
        }
    }

    private void piece(Descriptor layer, BiConsumer<byte[], Map<String, String>> offer) {
        switch (registry.blob(repository, layer)) {
            case Outcome.Failed<byte[]> failed -> missed(failed);
            case Outcome.Found<byte[]>(byte[] content) -> offer.accept(content, layer.annotations());
        }
    }

    private boolean isEnough() {
        if (pieces < MOST_PIECES) {
            return false;
        }
        missed(
                PolicyCode.EvidenceIncomplete.name(),
                "more than " + MOST_PIECES + " signatures and attestations are attached; take away those that count for"
                        + " nothing");
        return true;
    }

    private <T> void missed(Outcome.Failed<T> failed) {
        // Nothing there, or not what its digest says, is an answer: what cannot be is no signature.
        switch (failed.code()) {
            case NotFound, Malformed, MediaTypeRefused, TooLarge, TooMany, DigestMismatch -> {}
            default -> missed(failed.code().name(), failed.message());
        }
    }

    private void missed(String code, String message) {
        if (unread.isEmpty()) {
            unread = Optional.of(new Tally.Unread(code, message));
        }
    }
}
