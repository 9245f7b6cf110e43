package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.DigestMismatch;
import static dev.cleanroom.operator.trust.registry.FailureCode.MediaTypeRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.TimedOut;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooLarge;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unreachable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Reads from registries with one tenant's credentials (OCI distribution specification 1.1, "Pull"). Whatever has a digest
 * is hashed before it is read; only what a tag means is taken on the registry's word, and by {@link #manifest} alone:
 * who asks once and goes on with the digest never meets a second answer.
 *
 * <p>Every method blocks, within the {@link Patience} given, and is meant for a virtual thread. Safe for use by several.
 */
public final class RegistryClient {
    /** Bytes of a manifest or an index (OCI distribution specification 1.1, "Pushing Manifests"). */
    public static final long MOST_MANIFEST_BYTES = 4 * 1024 * 1024;

    /** Bytes of a blob that is read into memory: a bundle, a signature's payload, an SBOM. */
    public static final long MOST_BLOB_BYTES = 8 * 1024 * 1024;

    /** One tenant's questions at once: what they hold in memory is one heap's, and other tenants have their own. */
    static final int MOST_QUESTIONS = 4;

    private final Registries registries;
    private final Session session;
    private final Semaphore permits = new Semaphore(MOST_QUESTIONS);

    RegistryClient(Registries registries, Session session) {
        this.registries = registries;
        this.session = session;
    }

    /** What a reference leads to: an image or an index, and the digest of its bytes. */
    public Outcome<Manifest> manifest(ImageReference reference) {
        return ask(
                reference.repository(),
                (endpoint, deadline) -> manifest(endpoint, reference, MOST_MANIFEST_BYTES, deadline));
    }

    /** What a descriptor in a manifest names. */
    public Outcome<Manifest> manifest(Repository repository, Descriptor descriptor) {
        return ask(repository, (endpoint, deadline) -> child(endpoint, repository, descriptor, deadline));
    }

    /** The image for a platform that an index lists; an index in an index is refused, as no node would look into it. */
    public Outcome<Manifest.Image> choose(Repository repository, Manifest.Index index, Platform platform) {
        return ask(repository, (endpoint, deadline) -> {
            Descriptor chosen = index.choose(platform);
            if (ManifestReader.isIndex(chosen)
                    || !(child(endpoint, repository, chosen, deadline) instanceof Manifest.Image image)) {
                throw new RegistryException(MediaTypeRefused, "the index lists an index for the platform");
            }
            return image;
        });
    }

    /** A blob in memory; at most {@link #MOST_BLOB_BYTES}, by its descriptor and in fact. */
    public Outcome<byte[]> blob(Repository repository, Descriptor descriptor) {
        return ask(repository, (endpoint, deadline) -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            copy(endpoint, descriptor, MOST_BLOB_BYTES, bytes, deadline);
            return bytes.toByteArray();
        });
    }

    /**
     * A blob to a sink as it comes.
     *
     * @param most bytes, by its descriptor and in fact
     * @return how many bytes the sink has
     */
    public Outcome<Long> copy(Repository repository, Descriptor descriptor, long most, BlobSink sink) {
        return ask(repository, (endpoint, deadline) -> {
            try (OutputStream out = sink.open()) {
                copy(endpoint, descriptor, most, out, deadline);
                return descriptor.size();
            } catch (IOException e) {
                throw new RegistryException(Unreachable, "the sink of the blob failed");
            }
        });
    }

    /** As they come. */
    public Outcome<Referrers> referrers(Repository repository, Digest digest) {
        return referrers(repository, digest, (_, _) -> 0);
    }

    /**
     * What refers to a digest; a mirror that lists nothing does not answer for the registry.
     *
     * @param order of the result, and which are kept where there are more than {@link ReferrersReader#MOST_REFERRERS}: the
     *     first ones; those that are equal stay in the registry's order
     */
    public Outcome<Referrers> referrers(Repository repository, Digest digest, Comparator<Descriptor> order) {
        ReferrersReader reader = new ReferrersReader(session, order);
        Endpoint last = Endpoint.sources(repository, registries.options()).getLast();
        return ask(repository, (endpoint, deadline) -> {
            Referrers found = reader.read(endpoint, digest, deadline);
            if (found.descriptors().isEmpty() && !endpoint.equals(last)) {
                throw new RegistryException(FailureCode.NotFound, "no referrers");
            }
            return found;
        });
    }

    private Manifest manifest(Endpoint endpoint, ImageReference reference, long most, Deadline deadline)
            throws RegistryException {
        Session.Body body = session.read(
                endpoint, endpoint.manifest(reference.manifest()), ManifestReader.ACCEPTED, most, deadline);
        if (!body.response().successful()) {
            throw session.failure(body.response());
        }
        Digest digest = Digest.of(body.bytes());
        if (reference.digest() != null && !reference.digest().equals(digest)) {
            throw new RegistryException(DigestMismatch, "the manifest does not have the digest that was asked for");
        }
        Optional<Digest> told = Optional.ofNullable(body.response().header("Docker-Content-Digest"))
                .flatMap(Digest::parse);
        if (told.isPresent() && !told.get().equals(digest)) {
            throw new RegistryException(DigestMismatch, "the manifest does not have the digest that the registry says");
        }
        return ManifestReader.read(body.bytes(), digest, body.response().header("Content-Type"));
    }

    private Manifest child(Endpoint endpoint, Repository repository, Descriptor descriptor, Deadline deadline)
            throws RegistryException {
        limit(descriptor, MOST_MANIFEST_BYTES);
        Manifest manifest = manifest(endpoint, repository.at(descriptor.digest()), descriptor.size(), deadline);
        checkSize(descriptor, manifest.content().bytes().length);
        return manifest;
    }

    private void copy(Endpoint endpoint, Descriptor descriptor, long most, OutputStream sink, Deadline deadline)
            throws RegistryException {
        limit(descriptor, most);
        MessageDigest sha256 = Digest.newSha256();
        CountedOutput out = new CountedOutput(new DigestOutputStream(sink, sha256));
        Response response =
                session.read(endpoint, endpoint.blob(descriptor.digest()), "*/*", out, descriptor.size(), deadline);
        if (!response.successful()) {
            throw session.failure(response);
        }
        checkSize(descriptor, out.count());
        if (!Digest.finish(sha256).equals(descriptor.digest())) {
            throw new RegistryException(DigestMismatch, "the blob does not have its descriptor's digest");
        }
    }

    private static void limit(Descriptor descriptor, long most) throws RegistryException {
        if (descriptor.size() > most) {
            throw new RegistryException(TooLarge, "its descriptor says more than " + most + " bytes");
        }
    }

    private static void checkSize(Descriptor descriptor, long size) throws RegistryException {
        if (size != descriptor.size()) {
            throw new RegistryException(DigestMismatch, "the content does not have its descriptor's size");
        }
    }

    private interface Attempt<T> {
        T at(Endpoint endpoint, Deadline deadline) throws RegistryException;
    }

    /** Mirrors in their order, each for no longer than one request may take, then who has the last word. */
    private <T> Outcome<T> ask(Repository repository, Attempt<T> attempt) {
        return Outcome.of(() -> {
            Deadline deadline = registries.deadline();
            acquire(deadline);
            try {
                StringBuilder mirrors = new StringBuilder();
                List<Endpoint> sources = Endpoint.sources(repository, registries.options());
                for (Endpoint mirror : sources.subList(0, sources.size() - 1)) {
                    try {
                        return attempt.at(mirror, registries.mirrorDeadline(deadline));
                    } catch (RegistryException e) {
                        mirrors.append("; mirror ")
                                .append(mirror.registry())
                                .append(": ")
                                .append(e.code());
                    }
                }
                try {
                    return attempt.at(sources.getLast(), deadline);
                } catch (RegistryException e) {
                    throw mirrors.isEmpty()
                            ? e
                            : new RegistryException(e.code(), e.message() + mirrors, e.retryAfter());
                }
            } finally {
                permits.release();
            }
        });
    }

    private void acquire(Deadline deadline) throws RegistryException {
        try {
            if (!permits.tryAcquire(deadline.left().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new RegistryException(TimedOut, "too many questions before this one");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryException(TimedOut, "interrupted while waiting");
        }
    }
}
