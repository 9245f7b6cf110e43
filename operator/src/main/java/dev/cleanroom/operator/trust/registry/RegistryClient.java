package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.DigestMismatch;
import static dev.cleanroom.operator.trust.registry.FailureCode.MediaTypeRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.TimedOut;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooLarge;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unauthorized;
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
 * Reads from registries with one tenant's credentials (OCI distribution specification 1.1, "Pull"). Content with a
 * digest is hashed before it is parsed. Only {@link #manifest} trusts the registry, to resolve a tag: a caller that
 * then uses the digest cannot get a second answer.
 *
 * <p>Every method blocks, within the limits of the given {@link Patience}, and is meant for a virtual thread.
 * Thread-safe.
 */
public final class RegistryClient {
    /** The most bytes of a manifest or an index (OCI distribution specification 1.1, "Pushing Manifests"). */
    public static final long MOST_MANIFEST_BYTES = 4 * 1024 * 1024;

    /** The most bytes of a blob that is read into memory: a bundle, a signature's payload, an SBOM. */
    public static final long MOST_BLOB_BYTES = 8 * 1024 * 1024;

    /**
     * The most questions of one tenant at the same time, because answers are in memory. Other tenants have separate
     * limits.
     */
    static final int MOST_QUESTIONS = 4;

    private final Registries registries;
    private final Session session;
    private final Semaphore permits = new Semaphore(MOST_QUESTIONS);

    RegistryClient(Registries registries, Session session) {
        this.registries = registries;
        this.session = session;
    }

    /** Reads the manifest of a reference: an image or an index, with the digest of its bytes. */
    public RegistryAnswer<Manifest> manifest(ImageReference reference) {
        return ask(
                reference.repository(),
                (endpoint, deadline) -> manifest(endpoint, reference, MOST_MANIFEST_BYTES, deadline));
    }

    /** Reads the manifest that a descriptor names. */
    public RegistryAnswer<Manifest> manifest(Repository repository, Descriptor descriptor) {
        return ask(repository, (endpoint, deadline) -> child(endpoint, repository, descriptor, deadline));
    }

    /**
     * Reads the image for a platform from an index. An index in an index is refused, because nodes do not follow it.
     */
    public RegistryAnswer<Manifest.Image> choose(Repository repository, Manifest.Index index, Platform platform) {
        return ask(repository, (endpoint, deadline) -> {
            Descriptor chosen = index.choose(platform);
            if (ManifestReader.isIndex(chosen)
                    || !(child(endpoint, repository, chosen, deadline) instanceof Manifest.Image image)) {
                throw new RegistryException(MediaTypeRefused, "the index lists an index for the platform");
            }
            return image;
        });
    }

    /** Reads a blob into memory; at most {@link #MOST_BLOB_BYTES}, by its descriptor and in fact. */
    public RegistryAnswer<byte[]> blob(Repository repository, Descriptor descriptor) {
        return ask(repository, (endpoint, deadline) -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            copy(endpoint, descriptor, MOST_BLOB_BYTES, bytes, deadline);
            return bytes.toByteArray();
        });
    }

    /**
     * Writes a blob to a sink as it arrives.
     *
     * @param most the most bytes, by its descriptor and in fact
     * @return how many bytes were written to the sink
     */
    public RegistryAnswer<Long> copy(Repository repository, Descriptor descriptor, long most, BlobSink sink) {
        return ask(repository, (endpoint, deadline) -> {
            try (OutputStream out = sink.open()) {
                copy(endpoint, descriptor, most, out, deadline);
                return descriptor.size();
            } catch (IOException e) {
                throw new RegistryException(Unreachable, "the blob was read but could not be stored");
            }
        });
    }

    /** The referrers of a digest, in the registry's order. */
    public RegistryAnswer<Referrers> referrers(Repository repository, Digest digest) {
        return referrers(repository, digest, (_, _) -> 0);
    }

    /**
     * The referrers of a digest. If a mirror lists none, the next mirror or the registry is asked.
     *
     * @param order the order of the result; if there are more than {@link ReferrersReader#MOST_REFERRERS}, the first
     *     ones are kept; equal ones stay in the registry's order
     */
    public RegistryAnswer<Referrers> referrers(Repository repository, Digest digest, Comparator<Descriptor> order) {
        ReferrersReader reader = new ReferrersReader(session, order);
        Endpoint last = Endpoint.sources(repository, registries.options()).getLast();
        return ask(repository, (endpoint, deadline) -> {
            Referrers found = reader.read(endpoint, digest, deadline);
            if (found.descriptors().isEmpty() && !endpoint.equals(last)) {
                throw new RegistryException(FailureCode.NotFound, "the image has no referrers");
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
            throw new RegistryException(DigestMismatch, "the manifest's bytes do not have the requested digest");
        }
        Optional<Digest> reported = Optional.ofNullable(body.response().header("Docker-Content-Digest"))
                .flatMap(Digest::parse);
        if (reported.isPresent() && !reported.get().equals(digest)) {
            throw new RegistryException(
                    DigestMismatch, "the manifest's bytes do not have the digest that the registry reports");
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
            throw new RegistryException(DigestMismatch, "the blob's bytes do not have the digest in its descriptor");
        }
    }

    private static void limit(Descriptor descriptor, long most) throws RegistryException {
        if (descriptor.size() > most) {
            throw new RegistryException(TooLarge, "the blob is larger than " + most + " bytes, by its descriptor");
        }
    }

    private static void checkSize(Descriptor descriptor, long size) throws RegistryException {
        if (size != descriptor.size()) {
            throw new RegistryException(DigestMismatch, "the content does not have the size in its descriptor");
        }
    }

    private interface Attempt<T> {
        T at(Endpoint endpoint, Deadline deadline) throws RegistryException;
    }

    /**
     * Asks the mirrors in their order, each for no longer than one request may take, and then the endpoint whose answer
     * is final.
     */
    private <T> RegistryAnswer<T> ask(Repository repository, Attempt<T> attempt) {
        return RegistryAnswer.of(() -> {
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
                    String unused = e.code() == Unauthorized ? session.unusedFor(sources.getLast()) : "";
                    throw new RegistryException(e.code(), e.message() + unused + mirrors, e.retryAfter());
                }
            } finally {
                permits.release();
            }
        });
    }

    private void acquire(Deadline deadline) throws RegistryException {
        try {
            if (!permits.tryAcquire(deadline.left().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new RegistryException(TimedOut, "too many requests of this namespace were waiting");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryException(TimedOut, "interrupted while waiting");
        }
    }
}
