package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.failed;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.Content.INDEX;
import static dev.cleanroom.operator.trust.registry.Content.LAYER;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.descriptor;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static dev.cleanroom.operator.trust.registry.Content.index;
import static dev.cleanroom.operator.trust.registry.Content.json;
import static dev.cleanroom.operator.trust.registry.FailureCode.NotFound;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MirrorTest {
    private static final byte[] IMAGE = image("a");
    private static final String MANIFESTS = "/v2/builders/maven/manifests/";
    private static final String BLOB = "/v2/builders/maven/blobs/" + Digest.of(LAYER);

    private final FakeRegistry origin = new FakeRegistry();
    private final FakeRegistry mirror = new FakeRegistry();
    private final Setting setting = Setting.with(origin, mirror);

    @BeforeEach
    void mirrored() {
        setting.host(origin.host(), new HostOptions(true, true, List.of(Mirror.parse(mirror.host() + "/cache")), null));
    }

    @AfterEach
    void end() {
        setting.close();
        origin.close();
        mirror.close();
    }

    private static String inMirror(String path) {
        return path.replace("/v2/", "/v2/cache/");
    }

    private static FakeRegistry.Reply manifest(byte[] bytes) {
        return FakeRegistry.bytes(200, bytes, "Content-Type: " + MANIFEST);
    }

    @Test
    void mirrorIsAskedFirst() {
        mirror.on(inMirror(MANIFESTS + Digest.of(IMAGE)), manifest(IMAGE));

        assertThat(found(setting.client().manifest(origin.repository().at(Digest.of(IMAGE)))))
                .isNotNull();
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void mirrorThatLiesIsPassedOver() {
        mirror.on(inMirror(MANIFESTS + Digest.of(IMAGE)), manifest(image("b")));
        origin.on(MANIFESTS + Digest.of(IMAGE), manifest(IMAGE));

        assertThat(found(setting.client().manifest(origin.repository().at(Digest.of(IMAGE))))
                        .digest())
                .isEqualTo(Digest.of(IMAGE));
        assertThat(mirror.requests()).hasSize(1);
    }

    @Test
    void failureIsTheRegistrysAndNamesTheMirrors() {
        mirror.on(inMirror(MANIFESTS + "3.9"), FakeRegistry.status(503));

        var failed = failed(setting.client().manifest(origin.repository().at("3.9")));

        assertThat(failed.code()).isEqualTo(NotFound);
        assertThat(failed.message()).contains("mirror " + mirror.host() + ": Unavailable");
    }

    @Test
    void theLastMirrorOfARegistryOutOfReachHasTheLastWord() {
        setting.host(
                origin.host(),
                new HostOptions(true, true, List.of(Mirror.parse(mirror.host() + "/cache")), true, null));
        mirror.on(inMirror("/v2/builders/maven/referrers/" + Digest.of(IMAGE)), FakeRegistry.status(404));

        assertThat(code(setting.client().manifest(origin.repository().at("3.9"))))
                .isEqualTo(FailureCode.NotFound);
        assertThat(found(setting.client().referrers(origin.repository(), Digest.of(IMAGE)))
                        .descriptors())
                .isEmpty();
        assertThat(origin.requests()).isEmpty();
    }

    @Test
    void mirrorGetsNoCredentialsOfTheRegistry() {
        mirror.on(inMirror(MANIFESTS + "3.9"), FakeRegistry.status(401, "WWW-Authenticate: Basic realm=\"x\""));
        RegistryClient alice = setting.registries().client(Setting.credentials(origin.host(), "alice"));

        assertThat(code(alice.manifest(origin.repository().at("3.9")))).isEqualTo(NotFound);
        assertThat(mirror.requests())
                .singleElement()
                .satisfies(request -> assertThat(request.authorization()).isEmpty());
    }

    @Test
    void mirrorWithoutReferrersDoesNotHideTheRegistrys() {
        Digest subject = Digest.of(IMAGE);
        Descriptor referrer = descriptor(MANIFEST, image("sig"));
        String path = "/v2/builders/maven/referrers/" + subject;
        mirror.on(inMirror(path), FakeRegistry.bytes(200, index(), "Content-Type: " + INDEX));
        origin.on(path, FakeRegistry.bytes(200, index(json(referrer)), "Content-Type: " + INDEX));

        assertThat(found(setting.client().referrers(origin.repository(), subject))
                        .descriptors())
                .containsExactly(referrer);
    }

    @Test
    void sinkBeginsAnewWhereAMirrorFailedHalfway() {
        mirror.on(inMirror(BLOB), FakeRegistry.bytes(200, Content.bytes("a later")));
        origin.on(BLOB, FakeRegistry.bytes(200, LAYER));
        List<ByteArrayOutputStream> opened = new ArrayList<>();

        assertThat(found(setting.client().copy(origin.repository(), descriptor("text/plain", LAYER), 100, () -> {
                    opened.add(new ByteArrayOutputStream());
                    return opened.getLast();
                })))
                .isEqualTo(LAYER.length);
        assertThat(opened).hasSize(2);
        assertThat(opened.getLast().toByteArray()).isEqualTo(LAYER);
    }

    @Test
    void mirrorsAreNeverPushedTo() {
        byte[] bytes = IMAGE;
        origin.on(MANIFESTS + Digest.of(bytes), FakeRegistry.status(201));

        assertThat(found(setting.registries().pusher(Credentials.NONE).manifest(origin.repository(), MANIFEST, bytes)))
                .isEqualTo(Digest.of(bytes));
        assertThat(mirror.requests()).isEmpty();
    }

    @Test
    void mirrorIsAHostAndPerhapsAPath() {
        assertThat(Mirror.parse("mirror.example.com:5000")).isEqualTo(new Mirror("mirror.example.com:5000", ""));
        assertThat(Mirror.parse("Mirror.example.com/a/b")).isEqualTo(new Mirror("mirror.example.com", "a/b/"));
        for (String text :
                List.of("", "https://mirror.example.com", "mirror.example.com/", "mirror.example.com/../a")) {
            assertThatThrownBy(() -> Mirror.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
