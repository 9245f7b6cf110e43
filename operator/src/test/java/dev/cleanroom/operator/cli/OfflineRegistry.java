package dev.cleanroom.operator.cli;

import static dev.cleanroom.operator.trust.registry.Content.BUNDLE;
import static dev.cleanroom.operator.trust.registry.Content.CONFIG;
import static dev.cleanroom.operator.trust.registry.Content.EMPTY;
import static dev.cleanroom.operator.trust.registry.Content.INDEX;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.bytes;
import static dev.cleanroom.operator.trust.registry.Content.descriptor;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static dev.cleanroom.operator.trust.registry.Content.index;
import static dev.cleanroom.operator.trust.registry.Content.json;

import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.registry.Descriptor;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.registry.FakeRegistry;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import dev.cleanroom.operator.trust.sigstore.Signing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * A registry in a separate process, with an image for each form of proof and a policy for each, in files. It prints its
 * address, and ends when its input does.
 */
final class OfflineRegistry {
    private static final String REPOSITORY = "/v2/builders/maven/";
    private static final String STATEMENT = "https://in-toto.io/Statement/v1";
    private static final String PROVENANCE = "https://slsa.dev/provenance/v1";

    /** One image each: its tag and its policy's file are called so, in lower case. */
    enum Form {
        KEY,
        KEYLESS,
        LOG2,
        ATTESTATION,
        LEGACY;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final FakeRegistry registry = new FakeRegistry();
    private final PrivateSigstore sigstore = new PrivateSigstore();
    private final KeyPair key = PrivateSigstore.ec("secp256r1");

    public static void main(String[] arguments) throws IOException {
        var offline = new OfflineRegistry();
        Path directory = Path.of(arguments[0]);
        Files.writeString(
                directory.resolve("registries"),
                "\"" + offline.registry.host() + "\": {plainHttp: true, anyAddress: true}\n");
        for (Form form : Form.values()) {
            offline.serve(form);
            Files.writeString(directory.resolve(form.word()), offline.policy(form));
        }
        System.out.println(offline.registry.host());
        System.in.readAllBytes();
        offline.registry.close();
    }

    private void serve(Form form) {
        byte[] image = image(form.word());
        Digest digest = Digest.of(image);
        serve("manifests/" + form.word(), image, MANIFEST);
        serve("manifests/" + digest, image, MANIFEST);
        switch (form) {
            case KEY -> attach(digest, byKey(digest));
            case KEYLESS -> attach(digest, bundle(digest, signing -> signing.stamped = true));
            case LOG2 ->
                attach(digest, bundle(digest, signing -> {
                    signing.log = Signing.Log.V2;
                    signing.stamped = true;
                }));
            case ATTESTATION ->
                attach(digest, byKey(digest), bundle(digest, signing -> {
                    signing.predicateType = PROVENANCE;
                    signing.payload =
                            Signing.statement(STATEMENT, subject(digest), PROVENANCE, "{\"builder\":\"ours\"}");
                }));
            case LEGACY -> {
                attach(digest);
                legacy(digest);
            }
        }
    }

    private void serve(String path, byte[] content, String mediaType) {
        registry.on(REPOSITORY + path, FakeRegistry.bytes(200, content, "Content-Type: " + mediaType));
    }

    private static String subject(Digest image) {
        return "[{\"name\":\"\",\"digest\":{\"sha256\":\"" + image.hex() + "\"}}]";
    }

    private byte[] byKey(Digest image) {
        return bundle(image, signing -> {
            signing.byKey = true;
            signing.key = key;
            signing.log = Signing.Log.NONE;
        });
    }

    private byte[] bundle(Digest image, Consumer<Signing> how) {
        var signing = new Signing(sigstore);
        signing.payload = Signing.statement(STATEMENT, image.hex(), signing.predicateType);
        how.accept(signing);
        return Signing.bytes(signing.bundle());
    }

    private void attach(Digest image, byte[]... bundles) {
        String[] listed = new String[bundles.length];
        for (int i = 0; i < bundles.length; i++) {
            byte[] manifest = manifest(json(descriptor(BUNDLE, bundles[i])));
            Descriptor referrer = descriptor(MANIFEST, manifest);
            serve("blobs/" + Digest.of(bundles[i]), bundles[i], "application/octet-stream");
            serve("manifests/" + referrer.digest(), manifest, MANIFEST);
            listed[i] = "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"artifactType\":\"%s\"}"
                    .formatted(MANIFEST, referrer.digest(), referrer.size(), BUNDLE);
        }
        serve("referrers/" + image, index(listed), INDEX);
    }

    private static byte[] manifest(String layer) {
        return bytes("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                .formatted(MANIFEST, json(descriptor(EMPTY, CONFIG)), layer));
    }

    /** As cosign wrote it before bundles: a payload under a tag made of the digest. */
    private void legacy(Digest image) {
        byte[] payload = bytes("{\"critical\":{\"identity\":{\"docker-reference\":\"" + registry.repository()
                + "\"},\"image\":{\"docker-manifest-digest\":\"" + image
                + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}");
        String layer = json(descriptor("application/vnd.dev.cosign.simplesigning.v1+json", payload));
        String signature = PrivateSigstore.base64(PrivateSigstore.sign(key.getPrivate(), payload));
        serve("blobs/" + Digest.of(payload), payload, "application/octet-stream");
        serve(
                "manifests/" + image.legacySignatureTag(),
                manifest(layer.substring(0, layer.length() - 1)
                        + ",\"annotations\":{\"dev.cosignproject.cosign/signature\":\"" + signature + "\"}}"),
                MANIFEST);
    }

    private String policy(Form form) {
        String byKey = Policies.byKey(
                "release", PrivateSigstore.pem("PUBLIC KEY", key.getPublic().getEncoded()));
        String ci = """
                {name: ci, keyless: {identities: [{issuer: "%s", subject: "%s"}], \
                trustRoot: {configMapRef: {name: root, key: trusted_root.json}}}}""".formatted(Signing.ISSUER, Signing.SUBJECT);
        String authorities = switch (form) {
            case KEY, LEGACY -> "authorities: [" + byKey + "]";
            case KEYLESS, LOG2 -> "authorities: [" + ci + "]";
            case ATTESTATION -> """
                        threshold: 1
                        authorities: [%s, %s]
                        attestations: [{name: provenance, predicateType: "%s", authorities: [ci], \
                        cel: "predicate.builder == 'ours'"}]""".formatted(byKey, ci, PROVENANCE);
        };
        return """
                apiVersion: cleanroom.dev/v1alpha1
                kind: TrustPolicy
                metadata: {name: %s}
                spec:
                  images: ["%s/builders/**"]
                %s---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: root}
                data:
                  trusted_root.json: |
                    %s
                """.formatted(form.word(), registry.host(), authorities.indent(2), sigstore.trustRootJson());
    }
}
