package dev.cleanroom.operator.trust;

import dev.cleanroom.api.v1alpha1.TrustPolicySpec.Format;
import dev.cleanroom.operator.trust.cosign.LegacySignature;
import dev.cleanroom.operator.trust.policy.PolicyCode;
import dev.cleanroom.operator.trust.policy.Tally;
import dev.cleanroom.operator.trust.registry.Descriptor;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.registry.FailureCode;
import dev.cleanroom.operator.trust.registry.Manifest;
import dev.cleanroom.operator.trust.registry.Referrers;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import dev.cleanroom.operator.trust.registry.RegistryClient;
import dev.cleanroom.operator.trust.registry.Repository;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;

/**
 * Reads the proofs attached to an image and gives each to a tally, until the tally needs no more. Anyone with the right
 * to push can attach anything. Therefore artifacts that claim to be signatures are read first, the number of artifacts
 * is limited, and an artifact that is not a proof does not count and does not stop the reading. An artifact that could
 * not be read is reported separately: it may be the missing proof.
 */
final class ProofReader {
    /** The most artifacts that are read for one image: referrers of any kind, and layers of legacy manifests. */
    static final int MOST_PIECES = 100;

    /**
     * The most time for all of them. Without it, a registry that answers each request at the last moment would keep its
     * turn for an hour.
     */
    static final Duration MOST_TIME = Duration.ofMinutes(2);

    /** Larger artifacts wait for their turn, because parsing them takes many times their size in memory. In bytes. */
    static final long LARGE = 1024 * 1024;

    /** The most large artifacts that are read at the same time, for all tenants together. */
    static final int MOST_LARGE = 2;

    private static final String BUNDLE = "application/vnd.dev.sigstore.bundle";
    private static final String PREDICATE_TYPE = "dev.sigstore.bundle.predicateType";
    private static final String CREATED = "org.opencontainers.image.created";
    private static final String SIGNATURE = "https://sigstore.dev/cosign/sign/v1";
    private static final String LEGACY_SIGNATURE = "application/vnd.dev.cosign.simplesigning.v1+json";
    private static final String LEGACY_ATTESTATION = "application/vnd.dsse.envelope.v1+json";

    private final RegistryClient registry;
    private final Repository repository;
    private final Digest image;
    private final Tally tally;
    private final Limits limits;
    private final Instant end;
    private int pieces;
    private Optional<Tally.Unread> unread = Optional.empty();

    /** Shared by all readers. */
    record Limits(Clock clock, Semaphore large) {
        static Limits with(Clock clock) {
            return new Limits(clock, new Semaphore(MOST_LARGE, true));
        }
    }

    ProofReader(RegistryClient registry, Repository repository, Digest image, Tally tally, Limits limits) {
        this.registry = registry;
        this.repository = repository;
        this.image = image;
        this.tally = tally;
        this.limits = limits;
        this.end = limits.clock().instant().plus(MOST_TIME);
    }

    /** Why some of the proofs could not be read; empty when every proof that could count was read. */
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
        switch (registry.referrers(repository, image, likeliestFirst())) {
            // An image without referrers has an empty list. Every failure counts, such as a missing second page.
            case RegistryAnswer.Failed<Referrers> failed -> missed(failed.code().name(), failed.message());
            case RegistryAnswer.Found<Referrers>(Referrers referrers) -> {
                tally.unusable(FailureCode.Malformed.name(), referrers.malformed());
                if (!bundles(referrers.descriptors())) {
                    return;
                }
                if (referrers.incomplete() != null) {
                    missed(
                            PolicyCode.EvidenceIncomplete.name(),
                            "the registry lists more referrers of the image than are read (" + referrers.incomplete()
                                    + "); delete those that no policy requires");
                }
            }
        }
    }

    /**
     * Reads those that claim to be something no policy still requires last. The claim may be false.
     *
     * @return whether all were read
     */
    private boolean bundles(List<Descriptor> referrers) {
        List<Descriptor> last = new ArrayList<>();
        for (Descriptor referrer : referrers) {
            if (saysWhatIsNotWanted(referrer)) {
                last.add(referrer);
            } else if (!bundle(referrer)) {
                return false;
            }
        }
        for (Descriptor referrer : last) {
            if (!bundle(referrer)) {
                return false;
            }
        }
        return true;
    }

    private boolean saysWhatIsNotWanted(Descriptor referrer) {
        String type = referrer.annotations().get(PREDICATE_TYPE);
        return type != null && !(SIGNATURE.equals(type) ? tally.wantsSignatures() : tally.wantsAttestation(type));
    }

    /**
     * What a referrer claims to be is a hint that decides only the order: a false claim must not prevent the right one
     * from being read. Among equals the newest comes first: a daily scan leaves many attestations, and the last one is
     * recent enough.
     */
    private Comparator<Descriptor> likeliestFirst() {
        return Comparator.<Descriptor>comparingInt(this::distance)
                .thenComparing(referrer -> referrer.annotations().getOrDefault(CREATED, ""), Comparator.reverseOrder());
    }

    private int distance(Descriptor referrer) {
        String type = referrer.annotations().get(PREDICATE_TYPE);
        if (type != null) {
            return SIGNATURE.equals(type) ? 0 : tally.wantsAttestation(type) ? 1 : 4;
        }
        return referrer.artifactType() != null && referrer.artifactType().startsWith(BUNDLE) ? 2 : 3;
    }

    /** @return false when nothing more is to be read */
    private boolean bundle(Descriptor referrer) {
        if (!tally.wants(Format.bundle) || isEnough()) {
            return false;
        }
        pieces++;
        switch (registry.manifest(repository, referrer)) {
            case RegistryAnswer.Failed<Manifest> failed -> missed(failed);
            case RegistryAnswer.Found<Manifest>(Manifest manifest) -> {
                if (manifest instanceof Manifest.Image artifact
                        && artifact.layers().size() == 1
                        && artifact.layers().getFirst().mediaType().startsWith(BUNDLE)) {
                    piece(artifact.layers().getFirst(), (bundle, annotations) -> tally.bundle(bundle));
                }
            }
        }
        return true;
    }

    private void layers(String tag, String mediaType, BiConsumer<byte[], Map<String, String>> offer) {
        switch (registry.manifest(repository.at(tag))) {
            case RegistryAnswer.Failed<Manifest> failed -> {
                // Only NotFound means that there are none. An error page of a proxy does not say that.
                if (failed.code() != FailureCode.NotFound) {
                    missed(failed.code().name(), failed.message());
                }
            }
            case RegistryAnswer.Found<Manifest>(Manifest manifest) -> {
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
        if (layer.size() <= LARGE) {
            read(layer, offer);
            return;
        }
        limits.large().acquireUninterruptibly();
        try {
            read(layer, offer);
        } finally {
            limits.large().release();
        }
    }

    private void read(Descriptor layer, BiConsumer<byte[], Map<String, String>> offer) {
        switch (registry.blob(repository, layer)) {
            case RegistryAnswer.Failed<byte[]> failed -> missed(failed);
            case RegistryAnswer.Found<byte[]>(byte[] content) -> offer.accept(content, layer.annotations());
        }
    }

    private boolean isEnough() {
        if (!limits.clock().instant().isBefore(end)) {
            missed(
                    PolicyCode.EvidenceIncomplete.name(),
                    "reading the signatures and attestations of the image took longer than " + MOST_TIME.toMinutes()
                            + " minutes; delete those that no policy requires");
            return true;
        }
        if (pieces < MOST_PIECES) {
            return false;
        }
        missed(
                PolicyCode.EvidenceIncomplete.name(),
                "more than " + MOST_PIECES + " signatures and attestations are attached to the image; delete those that"
                        + " no policy requires");
        return true;
    }

    /**
     * One artifact, named by its digest, could not be read. If it is deleted or not a proof, that never changes, so it
     * does not count.
     */
    private <T> void missed(RegistryAnswer.Failed<T> failed) {
        switch (failed.code()) {
            case NotFound, Malformed, MediaTypeRefused, TooLarge, TooMany ->
                tally.unusable(failed.code().name(), 1);
            default -> missed(failed.code().name(), failed.message());
        }
    }

    private void missed(String code, String message) {
        if (unread.isEmpty()) {
            unread = Optional.of(new Tally.Unread(code, message));
        }
    }
}
