package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.lab.Cosign;
import dev.cleanroom.operator.lab.LabRegistry;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.Descriptor;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.registry.HostOptions;
import dev.cleanroom.operator.trust.registry.Manifest;
import dev.cleanroom.operator.trust.registry.Patience;
import dev.cleanroom.operator.trust.registry.Registries;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import dev.cleanroom.operator.trust.registry.RegistryClient;
import dev.cleanroom.operator.trust.registry.RegistryOptions;
import dev.cleanroom.operator.trust.registry.RegistryPusher;
import dev.cleanroom.operator.trust.registry.Repository;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import dev.cleanroom.operator.trust.sigstore.Specimen;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A real registry, new images in it, the real cosign to sign them, and what is decided about them. */
final class CosignedRegistry implements AutoCloseable {
    private static final ImageRequest.Tenant TEAM = new ImageRequest.Tenant("team", List.of(), List.of());
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    /** A trust root without anybody in it. */
    private static final String NOBODY =
            "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+json;version=0.1\"}";

    private static final String INDEX = "application/vnd.oci.image.index.v1+json";

    private final Path home;
    private final LabRegistry lab;
    private final Registries registries;
    private final Repository repository;
    private int images;

    /** A version of cosign, and a format it writes. */
    enum Maker {
        COSIGN_3(3, "bundle"),
        COSIGN_3_LEGACY(3, "cosign"),
        COSIGN_2(2, "cosign"),
        COSIGN_2_BUNDLE(2, "bundle");

        final int version;
        /** As policies name it. */
        final String format;

        Maker(int version, String format) {
            this.version = version;
            this.format = format;
        }

        String otherFormat() {
            return isBundle() ? "cosign" : "bundle";
        }

        boolean isBundle() {
            return format.equals("bundle");
        }
    }

    /** @param home what cosign keeps; cosign.pub in it is the key of the lab's own images */
    CosignedRegistry(boolean referrersApi, Path home) {
        this.home = home;
        lab = LabRegistry.start("--referrers=" + referrersApi, "--builders", home.toString());
        registries = new Registries(
                new RegistryOptions(Map.of(lab.address(), new HostOptions(true, true, List.of(), null))),
                Patience.DEFAULT,
                Clock.systemUTC());
        repository = new Repository(lab.address(), "builders/tools");
    }

    String address() {
        return lab.address();
    }

    Cosign cosign(int version) {
        return new Cosign(version, home);
    }

    /** A new image, of which the registry knows nothing else; by its digest. */
    String image() {
        return pushed(MANIFEST, """
                {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s],"annotations":{"number":"%d"}}""".formatted(
                MANIFEST,
                blob("application/vnd.oci.image.config.v1+json", "{\"architecture\":\"amd64\",\"os\":\"linux\"}"),
                blob("application/vnd.oci.image.layer.v1.tar", "a layer"),
                images++));
    }

    /** An index of that image alone. */
    String index(String image) {
        String digest = image.substring(image.indexOf('@') + 1);
        var manifest = found(registries
                .client(Credentials.NONE)
                .manifest(repository.at(Digest.parse(digest).orElseThrow())));
        return pushed(
                INDEX, """
                {"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","digest":"%s","size":%d,\
                "platform":{"os":"linux","architecture":"amd64"}}]}""".formatted(INDEX, MANIFEST, digest, manifest.content().bytes().length));
    }

    private String blob(String mediaType, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        found(pusher().blob(repository, Digest.of(bytes), bytes.length, () -> new ByteArrayInputStream(bytes)));
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(mediaType, Digest.of(bytes), bytes.length);
    }

    private String pushed(String mediaType, String manifest) {
        return repository
                + "@"
                + found(pusher().manifest(repository, mediaType, manifest.getBytes(StandardCharsets.UTF_8)));
    }

    private RegistryPusher pusher() {
        return registries.pusher(Credentials.NONE);
    }

    private static <T> T found(RegistryAnswer<T> outcome) {
        assertThat(outcome).isInstanceOf(RegistryAnswer.Found.class);
        return ((RegistryAnswer.Found<T>) outcome).value();
    }

    /** @param flags what is signed with, and what else */
    void sign(Maker maker, String image, String... flags) {
        make("sign", maker, image, Stream.of(flags));
    }

    /** @param type as cosign names it, or a URI */
    void attest(Maker maker, String image, String type, String predicate, String... flags) {
        String file = file("predicate.json", predicate);
        make("attest", maker, image, Stream.concat(Stream.of("--type", type, "--predicate", file), Stream.of(flags)));
    }

    private void make(String what, Maker maker, String image, Stream<String> flags) {
        List<String> arguments = new ArrayList<>(List.of(
                what,
                "--yes",
                "--allow-insecure-registry",
                "--allow-http-registry",
                "--new-bundle-format=" + maker.isBundle()));
        flags.forEach(arguments::add);
        if (arguments.stream().noneMatch(flag -> flag.startsWith("--signing-config"))) {
            // No question to anybody where the services are, and no log but one that is named.
            boolean logged = arguments.contains("--rekor-url");
            arguments.addAll(List.of("--use-signing-config=false", "--tlog-upload=" + logged));
        }
        arguments.add(image);
        cosign(maker.version).run(arguments.toArray(String[]::new));
    }

    /** Whether cosign itself thinks well of what that maker made. */
    boolean verifies(Maker maker, String image, String... flags) {
        return verifies("verify", maker, image, flags);
    }

    /** @param command verify or verify-attestation */
    boolean verifies(String command, Maker maker, String image, String... flags) {
        List<String> arguments = new ArrayList<>(List.of(
                command,
                "--insecure-ignore-tlog",
                "--allow-insecure-registry",
                "--allow-http-registry",
                "--new-bundle-format=" + maker.isBundle()));
        arguments.addAll(List.of(flags));
        if (maker.isBundle() && !arguments.contains("--trusted-root")) {
            arguments.addAll(List.of("--trusted-root", file("nobody.json", NOBODY)));
        }
        arguments.add(image);
        return cosign(maker.version).end(arguments.toArray(String[]::new)).code() == 0;
    }

    /** What is attached to it: bundles, and layers of the format before them as a {@link Specimen} has them. */
    List<ObjectNode> attached(String image) {
        Digest digest = Digest.parse(image.substring(image.indexOf('@') + 1)).orElseThrow();
        RegistryClient client = registries.client(Credentials.NONE);
        List<ObjectNode> attached = new ArrayList<>();
        for (Descriptor referrer : found(client.referrers(
                        repository,
                        digest,
                        Comparator.comparing(it -> it.digest().hex())))
                .descriptors()) {
            var manifest = (Manifest.Image) found(client.manifest(repository, referrer));
            attached.add(json(found(client.blob(repository, manifest.layers().getFirst()))));
        }
        for (String tag : List.of(digest.legacySignatureTag(), digest.legacyAttestationTag())) {
            if (client.manifest(repository.at(tag))
                    instanceof RegistryAnswer.Found<Manifest>(Manifest.Image manifest)) {
                for (Descriptor layer : manifest.layers()) {
                    ObjectNode legacy = PrivateSigstore.JSON.createObjectNode();
                    legacy.put("payload", PrivateSigstore.base64(found(client.blob(repository, layer))));
                    layer.annotations().forEach(legacy.putObject("annotations")::put);
                    attached.add(legacy);
                }
            }
        }
        return attached;
    }

    private static ObjectNode json(byte[] bytes) {
        try {
            return (ObjectNode) PrivateSigstore.JSON.readTree(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The path of a file that cosign is to read. */
    String file(String name, String content) {
        try {
            return Files.writeString(home.resolve(name), content).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Accepted, or the code. */
    String decide(String image, PolicySet policies) {
        return Deciding.outcome(decision(image, policies));
    }

    /** The message of an image that is rejected. */
    String rejection(String image, PolicySet policies) {
        return ((ImageDecision.Rejected) decision(image, policies)).message();
    }

    private ImageDecision decision(String image, PolicySet policies) {
        return new ImageVerifier(
                        registries,
                        tenant -> new PullSecretSource.PullCredentials.Readable(Credentials.NONE),
                        Clock.systemUTC(),
                        Runnable::run,
                        told -> {})
                .decide(new ImageRequest(image, null, TEAM, policies))
                .join();
    }

    @Override
    public void close() {
        registries.close();
        lab.close();
    }
}
