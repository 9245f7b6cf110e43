package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.DigestMismatch;
import static dev.cleanroom.operator.trust.registry.FailureCode.Malformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooLarge;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooMany;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import java.util.Optional;

/**
 * Pushes with one tenant's credentials (OCI distribution specification 1.1, "Push"): to the registry itself, never to a
 * mirror. Every method blocks and is meant for a virtual thread. All methods may be repeated.
 */
public final class RegistryPusher {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SUBJECT_HEADER = "OCI-Subject";

    private final Registries registries;
    private final Session session;

    RegistryPusher(Registries registries, Session session) {
        this.registries = registries;
        this.session = session;
    }

    /**
     * Uploads a blob whole, unless the registry has it.
     *
     * @param size the number of bytes of the source
     */
    public RegistryAnswer<Digest> blob(Repository repository, Digest digest, long size, BlobSource source) {
        return RegistryAnswer.of(() -> {
            Endpoint endpoint = Endpoint.own(repository, registries.options());
            Deadline deadline = registries.deadline();
            if (session.send(endpoint, endpoint.blob(digest), HttpRequest.Builder::HEAD, deadline)
                    .successful()) {
                return digest;
            }
            Response begun = accepted(session.send(
                    endpoint, endpoint.uploads(), request -> request.POST(BodyPublishers.noBody()), deadline));
            Response ended = accepted(session.send(
                    endpoint,
                    uploadTo(begun, digest),
                    request -> request.PUT(BodyPublishers.fromPublisher(
                                    BodyPublishers.ofInputStream(() -> open(source)), size))
                            .header("Content-Type", "application/octet-stream"),
                    registries.uploadDeadline()));
            checkTold(ended, digest);
            return digest;
        });
    }

    /**
     * Puts a manifest under its digest. If the registry has no list of referrers, a referrer is also added to the index
     * under its subject's tag.
     */
    public RegistryAnswer<Digest> manifest(Repository repository, String mediaType, byte[] bytes) {
        return RegistryAnswer.of(() -> put(repository.at(Digest.of(bytes)), mediaType, bytes));
    }

    /** Puts a manifest under a tag. */
    public RegistryAnswer<Digest> manifest(Repository repository, String tag, String mediaType, byte[] bytes) {
        return RegistryAnswer.of(() -> put(repository.at(tag), mediaType, bytes));
    }

    private Digest put(ImageReference reference, String mediaType, byte[] bytes) throws RegistryException {
        Digest digest = Digest.of(bytes);
        Manifest manifest = ManifestReader.read(bytes, digest, mediaType);
        if (bytes.length > RegistryClient.MOST_MANIFEST_BYTES) {
            throw new RegistryException(TooLarge, "the manifest is larger than registries accept");
        }
        Endpoint endpoint = Endpoint.own(reference.repository(), registries.options());
        Deadline deadline = registries.deadline();
        Response answer = put(endpoint, reference.manifest(), mediaType, bytes, deadline);
        Descriptor subject = manifest.subject();
        if (subject != null && answer.header(SUBJECT_HEADER) == null) {
            addReferrer(endpoint, subject.digest(), manifest, deadline);
        }
        return digest;
    }

    private Response put(Endpoint endpoint, String tagOrDigest, String mediaType, byte[] bytes, Deadline deadline)
            throws RegistryException {
        Response answer = accepted(session.send(
                endpoint,
                endpoint.manifest(tagOrDigest),
                request -> request.PUT(BodyPublishers.ofByteArray(bytes)).header("Content-Type", mediaType),
                deadline));
        checkTold(answer, Digest.of(bytes));
        return answer;
    }

    /**
     * Adds to the index under the subject's tag ("Pushing Manifests with Subject"). The specification has no way to
     * detect another client that adds at the same moment: the later write wins, and the other referrer is found only by
     * its digest. Referrers that are pushed here are therefore recorded by digest.
     */
    private void addReferrer(Endpoint endpoint, Digest subject, Manifest referrer, Deadline deadline)
            throws RegistryException {
        Session.Body body = session.read(
                endpoint,
                endpoint.manifest(subject.referrersTag()),
                ManifestReader.OCI_INDEX,
                RegistryClient.MOST_MANIFEST_BYTES,
                deadline);
        if (!body.response().successful() && body.response().status() != 404) {
            throw session.failure(body.response());
        }
        ObjectNode index = body.response().successful()
                ? StrictJson.object(body.bytes(), Malformed, "the list of referrers")
                : emptyIndex();
        if (!(index.get("manifests") instanceof ArrayNode manifests)) {
            throw new RegistryException(Malformed, "the list of referrers has no manifests");
        }
        String digest = referrer.digest().toString();
        for (JsonNode listed : manifests) {
            if (digest.equals(listed.path("digest").asText())) {
                return;
            }
        }
        if (manifests.size() >= ReferrersReader.MOST_REFERRERS) {
            throw new RegistryException(
                    TooMany, "the subject already has " + ReferrersReader.MOST_REFERRERS + " referrers");
        }
        manifests.add(descriptor(referrer));
        Response unused = put(endpoint, subject.referrersTag(), ManifestReader.OCI_INDEX, bytes(index), deadline);
    }

    private static ObjectNode emptyIndex() {
        ObjectNode index = JsonNodeFactory.instance.objectNode();
        index.put("schemaVersion", 2);
        index.put("mediaType", ManifestReader.OCI_INDEX);
        index.putArray("manifests");
        return index;
    }

    private static ObjectNode descriptor(Manifest manifest) {
        ObjectNode descriptor = JsonNodeFactory.instance.objectNode();
        descriptor.put("mediaType", manifest.content().mediaType());
        descriptor.put("digest", manifest.digest().toString());
        descriptor.put("size", manifest.content().bytes().length);
        String artifactType = manifest.artifactType();
        if (artifactType == null && manifest instanceof Manifest.Image image) {
            artifactType = image.config().mediaType();
        }
        if (artifactType != null) {
            descriptor.put("artifactType", artifactType);
        }
        if (!manifest.annotations().isEmpty()) {
            ObjectNode annotations = descriptor.putObject("annotations");
            for (Map.Entry<String, String> annotation : manifest.annotations().entrySet()) {
                annotations.put(annotation.getKey(), annotation.getValue());
            }
        }
        return descriptor;
    }

    private static byte[] bytes(ObjectNode json) throws RegistryException {
        try {
            byte[] bytes = JSON.writeValueAsBytes(json);
            if (bytes.length > RegistryClient.MOST_MANIFEST_BYTES) {
                throw new RegistryException(TooLarge, "the list of referrers would become too large");
            }
            return bytes;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of texts and numbers is JSON", e);
        }
    }

    /** The address of an upload may already have a query. */
    private static URI uploadTo(Response begun, Digest digest) throws RegistryException {
        URI location = Session.resolved(begun.uri(), begun.header("Location"));
        return URI.create(location + (location.getRawQuery() == null ? "?" : "&") + "digest=" + digest);
    }

    private Response accepted(Response response) throws RegistryException {
        if (!response.successful()) {
            throw session.failure(response);
        }
        return response;
    }

    private static void checkTold(Response response, Digest digest) throws RegistryException {
        Optional<Digest> reported =
                Optional.ofNullable(response.header("Docker-Content-Digest")).flatMap(Digest::parse);
        if (reported.isPresent() && !reported.get().equals(digest)) {
            throw new RegistryException(
                    DigestMismatch, "the registry reports another digest than that of the bytes that were sent");
        }
    }

    private static InputStream open(BlobSource source) {
        try {
            return source.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
