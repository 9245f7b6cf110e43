package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Content.LAYER;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.descriptor;

import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** What the tests of a hostile registry share: the registry, a client that may speak to it, and what it is asked. */
abstract class Hostile {
    static final String TAGGED = "/v2/builders/maven/manifests/3.9";
    static final Descriptor BLOB = descriptor("text/plain", LAYER);

    final FakeRegistry fake = new FakeRegistry();
    final Setting setting = Setting.with(fake);

    @AfterEach
    void end() {
        setting.close();
        fake.close();
    }

    RegistryAnswer<Manifest> tag() {
        return setting.client().manifest(fake.repository().at("3.9"));
    }

    RegistryAnswer<Manifest> pinned(byte[] manifest) {
        return setting.client().manifest(fake.repository().at(Digest.of(manifest)));
    }

    RegistryAnswer<byte[]> blob(Descriptor descriptor) {
        return setting.client().blob(fake.repository(), descriptor);
    }

    static String path(byte[] manifest) {
        return "/v2/builders/maven/manifests/" + Digest.of(manifest);
    }

    static String path(Descriptor blob) {
        return "/v2/builders/maven/blobs/" + blob.digest();
    }

    static FakeRegistry.Reply manifest(byte[] bytes, String... headers) {
        String[] all = List.of(List.of("Content-Type: " + MANIFEST), List.of(headers)).stream()
                .flatMap(List::stream)
                .toArray(String[]::new);
        return FakeRegistry.bytes(200, bytes, all);
    }
}
