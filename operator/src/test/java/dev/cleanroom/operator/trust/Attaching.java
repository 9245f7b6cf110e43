package dev.cleanroom.operator.trust;

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

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.policy.Tally;
import dev.cleanroom.operator.trust.policy.Tally.Conclusion;
import dev.cleanroom.operator.trust.registry.Descriptor;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.registry.FakeRegistry;
import dev.cleanroom.operator.trust.registry.Setting;
import dev.cleanroom.operator.trust.sigstore.Artifact;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import dev.cleanroom.operator.trust.sigstore.Signing;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** What the tests share in which a registry has an image and what is attached to it: right, wrong, or not at all. */
abstract class Attaching {
    static final String REPOSITORY = "/v2/builders/maven/";
    static final byte[] IMAGE = image("the image");
    static final Digest DIGEST = Digest.of(IMAGE);
    static final String REFERRERS = REPOSITORY + "referrers/" + DIGEST;
    static final String SIGNATURE = "https://sigstore.dev/cosign/sign/v1";
    static final String SBOM = "https://cyclonedx.org/bom";

    final FakeRegistry fake = new FakeRegistry();
    final Setting setting = Setting.with(fake);
    final PrivateSigstore sigstore = new PrivateSigstore();
    final KeyPair release = PrivateSigstore.ec("secp256r1");
    final KeyPair stranger = PrivateSigstore.ec("secp256r1");
    private final List<String> listed = new ArrayList<>();

    @AfterEach
    void end() {
        setting.close();
        fake.close();
    }

    TrustPolicy policy(String... more) {
        return Policies.builders(
                fake.host(),
                PrivateSigstore.pem("PUBLIC KEY", release.getPublic().getEncoded()),
                more);
    }

    byte[] statement(KeyPair key, Digest about, String predicateType) {
        var signing = new Signing(sigstore);
        signing.byKey = true;
        signing.key = key;
        signing.log = Signing.Log.NONE;
        signing.predicateType = predicateType;
        signing.payload = Signing.statement("https://in-toto.io/Statement/v1", about.hex(), predicateType);
        return Signing.bytes(signing.bundle());
    }

    byte[] signature() {
        return statement(release, DIGEST, SIGNATURE);
    }

    static String manifestPath(Object tagOrDigest) {
        return REPOSITORY + "manifests/" + tagOrDigest;
    }

    static String blobPath(byte[] blob) {
        return REPOSITORY + "blobs/" + Digest.of(blob);
    }

    void serve(String tag, byte[] image) {
        FakeRegistry.Reply reply = FakeRegistry.bytes(200, image, "Content-Type: " + MANIFEST);
        fake.on(manifestPath(tag), reply).on(manifestPath(Digest.of(image)), reply);
    }

    /** The manifest of a referrer with one layer. */
    static byte[] referrer(byte[] layer, String mediaType) {
        return bytes("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                .formatted(MANIFEST, json(descriptor(EMPTY, CONFIG)), json(descriptor(mediaType, layer))));
    }

    /** How a list names a referrer. */
    static String entry(byte[] manifest, String annotations) {
        Descriptor named = descriptor(MANIFEST, manifest);
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"artifactType\":\"%s\",\"annotations\":{%s}}"
                .formatted(MANIFEST, named.digest(), named.size(), BUNDLE, annotations);
    }

    static String saying(String predicateType) {
        return "\"dev.sigstore.bundle.predicateType\":\"" + predicateType + "\"";
    }

    /** @param annotations of its entry in the list */
    byte[] attach(byte[] bundle, String annotations) {
        byte[] manifest = referrer(bundle, BUNDLE);
        fake.on(manifestPath(Digest.of(manifest)), FakeRegistry.bytes(200, manifest, "Content-Type: " + MANIFEST))
                .on(blobPath(bundle), FakeRegistry.bytes(200, bundle));
        listed.add(entry(manifest, annotations));
        return manifest;
    }

    void list(String... entries) {
        listed.addAll(List.of(entries));
    }

    /** In pages of 500. */
    void serveList() {
        fake.on(REFERRERS, (request, out) -> {
            int from = request.target().contains("=")
                    ? Integer.parseInt(request.target().split("=")[1])
                    : 0;
            int to = Math.min(from + 500, listed.size());
            FakeRegistry.bytes(
                            200,
                            index(listed.subList(from, to).toArray(String[]::new)),
                            "Content-Type: " + INDEX,
                            to < listed.size() ? "Link: <" + REFERRERS + "?from=" + to + ">; rel=\"next\"" : "X: y")
                    .to(request, out);
        });
    }

    Conclusion read(TrustPolicy policy) {
        PolicySet policies = Policies.set(policy);
        var tally = new Tally(
                policies.matching(fake.repository()),
                policies.denials(),
                fake.repository(),
                Artifact.ofDigest(DIGEST.toString()),
                setting.clock);
        Optional<Tally.Unread> unread = new ProofReader(
                        setting.client(), fake.repository(), DIGEST, tally, ProofReader.Limits.with(setting.clock))
                .read();
        return tally.conclude(unread);
    }

    String outcome(TrustPolicy policy) {
        return outcome(read(policy));
    }

    static String outcome(Conclusion conclusion) {
        return switch (conclusion) {
            case Conclusion.Accepted accepted -> "Accepted";
            case Conclusion.Rejected rejected -> rejected.code();
            case Conclusion.Unresolved unresolved -> unresolved.code() + "?";
        };
    }

    static String message(Conclusion conclusion) {
        return switch (conclusion) {
            case Conclusion.Accepted accepted -> throw new AssertionError("accepted");
            case Conclusion.Rejected rejected -> rejected.message();
            case Conclusion.Unresolved unresolved -> unresolved.message();
        };
    }

    /** How often a path was asked for. */
    long asked(String path) {
        return fake.lines().stream().filter(line -> line.endsWith(path)).count();
    }
}
