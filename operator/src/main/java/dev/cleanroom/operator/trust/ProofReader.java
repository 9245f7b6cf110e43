package dev.cleanroom.operator.trust;

import dev.cleanroom.api.v1alpha1.TrustPolicySpec.Format;
import dev.cleanroom.operator.trust.cosign.LegacySignature;
import dev.cleanroom.operator.trust.policy.PolicyCode;
import dev.cleanroom.operator.trust.policy.Tally;
import dev.cleanroom.operator.trust.registry.Descriptor;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.registry.FailureCode;
import dev.cleanroom.operator.trust.registry.Manifest;
import dev.cleanroom.operator.trust.registry.Outcome;
import dev.cleanroom.operator.trust.registry.Referrers;
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
 * Reads what is attached to an image and hands each piece to a tally, until that has what it takes. Whoever may push can
 * attach anything, so: what says that it is a signature is read first, the number of pieces is limited, and a piece that
 * is not what it should be counts for nothing and stops nothing. What could not be read is told apart: it may be what is
 * missing.
 */
final class EvidenceReader {
    /** Pieces of evidence about one image that are read: referrers of whatever kind, and layers of legacy manifests. */
    static final int MOST_PIECES = 100;

    /** For all of them: a registry that gives each its longest time would hold its turn for an hour. */
    static final Duration MOST_TIME = Duration.ofMinutes(2);

    /** A piece with more bytes waits for its turn: what it is read into takes many times as much. */
    static final long LARGE = 1024 * 1024;

    /** Large pieces at once, of all tenants together. */
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

    EvidenceReader(RegistryClient registry, Repository repository, Digest image, Tally tally, Limits limits) {
        this.registry = registry;
        this.repository = repository;
        this.image = image;
        this.tally = tally;
        this.limits = limits;
        this.end = limits.clock().instant().plus(MOST_TIME);
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
        switch (registry.referrers(repository, image, likeliestFirst())) {
            // Where there are none the list is empty; any failure is one, such as a second page that is not there.
            case Outcome.Failed<Referrers> failed -> missed(failed.code().name(), failed.message());
            case Outcome.Found<Referrers>(Referrers referrers) -> {
                tally.passedOver(FailureCode.Malformed.name(), referrers.malformed());
                if (!bundles(referrers.descriptors())) {
                    return;
                }
                if (referrers.incomplete() != null) {
                    missed(
                            PolicyCode.EvidenceIncomplete.name(),
                            "the registry lists more referrers than are read (" + referrers.incomplete()
                                    + "); take away those that count for nothing");
                }
            }
        }
    }

    /**
     * Those that say they are what is there already come last: by their own word, which may be false.
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
     * Its own word is a hint, good for the order alone: a false one must not keep the right one from being read. Of equals
     * the newest: who scans every day leaves a row of attestations, of which the last is the one that is young enough.
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

    /** False when nothing more is read. */
    private boolean bundle(Descriptor referrer) {
        if (!tally.wants(Format.bundle) || isEnough()) {
            return false;
        }
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
        return true;
    }

    private void layers(String tag, String mediaType, BiConsumer<byte[], Map<String, String>> offer) {
        switch (registry.manifest(repository.at(tag))) {
            case Outcome.Failed<Manifest> failed -> {
                // Only a registry that says so has none: a proxy's page in their place is no word on signatures.
                if (failed.code() != FailureCode.NotFound) {
                    missed(failed.code().name(), failed.message());
                }
            }
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
            case Outcome.Failed<byte[]> failed -> missed(failed);
            case Outcome.Found<byte[]>(byte[] content) -> offer.accept(content, layer.annotations());
        }
    }

    private boolean isEnough() {
        if (!limits.clock().instant().isBefore(end)) {
            missed(
                    PolicyCode.EvidenceIncomplete.name(),
                    "it took longer than " + MOST_TIME.toMinutes()
                            + " minutes to read what is attached; take away what counts for nothing");
            return true;
        }
        if (pieces < MOST_PIECES) {
            return false;
        }
        missed(
                PolicyCode.EvidenceIncomplete.name(),
                "more than " + MOST_PIECES + " signatures and attestations are attached; take away those that count for"
                        + " nothing");
        return true;
    }

    /** Of one piece, named by its digest: what is gone, or has that digest and is none, counts for nothing, ever. */
    private <T> void missed(Outcome.Failed<T> failed) {
        switch (failed.code()) {
            case NotFound, Malformed, MediaTypeRefused, TooLarge, TooMany ->
                tally.passedOver(failed.code().name(), 1);
            default -> missed(failed.code().name(), failed.message());
        }
    }

    private void missed(String code, String message) {
        if (unread.isEmpty()) {
            unread = Optional.of(new Tally.Unread(code, message));
        }
    }
}
