package dev.cleanroom.operator.bench;

import static dev.cleanroom.operator.trust.registry.Content.BUNDLE;
import static dev.cleanroom.operator.trust.registry.Content.CONFIG;
import static dev.cleanroom.operator.trust.registry.Content.EMPTY;
import static dev.cleanroom.operator.trust.registry.Content.INDEX;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.descriptor;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static dev.cleanroom.operator.trust.registry.Content.index;
import static dev.cleanroom.operator.trust.registry.Content.json;

import dev.cleanroom.operator.trust.registry.Content;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.registry.FakeRegistry;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import dev.cleanroom.operator.trust.sigstore.Signing;
import java.security.KeyPair;

/** A registry of this process with one image, signed by key, that remembers what it was asked. */
final class SignedImage implements AutoCloseable {
    private static final String REPOSITORY = "/v2/builders/maven/";
    private static final String TAGGED = REPOSITORY + "manifests/3.9";

    private final FakeRegistry registry = new FakeRegistry();
    private final KeyPair key = PrivateSigstore.ec("secp256r1");

    SignedImage() {
        byte[] image = image("the image");
        Digest digest = Digest.of(image);
        byte[] bundle = bundle(digest);
        byte[] referrer = Content.bytes("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                .formatted(MANIFEST, json(descriptor(EMPTY, CONFIG)), json(descriptor(BUNDLE, bundle))));
        serve(TAGGED, image, MANIFEST);
        serve(REPOSITORY + "manifests/" + digest, image, MANIFEST);
        serve(REPOSITORY + "manifests/" + Digest.of(referrer), referrer, MANIFEST);
        serve(REPOSITORY + "blobs/" + Digest.of(bundle), bundle, "application/octet-stream");
        String listed = json(descriptor(MANIFEST, referrer));
        serve(
                REPOSITORY + "referrers/" + digest,
                index(listed.substring(0, listed.length() - 1) + ",\"artifactType\":\"" + BUNDLE + "\"}"),
                INDEX);
    }

    private void serve(String path, byte[] content, String mediaType) {
        registry.on(path, FakeRegistry.bytes(200, content, "Content-Type: " + mediaType));
    }

    private byte[] bundle(Digest image) {
        var signing = new Signing(new PrivateSigstore());
        signing.byKey = true;
        signing.key = key;
        signing.log = Signing.Log.NONE;
        signing.payload = Signing.statement("https://in-toto.io/Statement/v1", image.hex(), signing.predicateType);
        return Signing.bytes(signing.bundle());
    }

    String host() {
        return registry.host();
    }

    String reference() {
        return registry.repository() + ":3.9";
    }

    String pem() {
        return PrivateSigstore.pem("PUBLIC KEY", key.getPublic().getEncoded());
    }

    int requests() {
        return registry.requests().size();
    }

    /** How often it was asked what the tag means. */
    long resolutions() {
        return registry.lines().stream().filter(line -> line.endsWith(TAGGED)).count();
    }

    @Override
    public void close() {
        registry.close();
    }
}
