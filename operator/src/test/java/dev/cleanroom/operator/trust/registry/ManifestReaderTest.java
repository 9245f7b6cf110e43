package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Content.INDEX;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.bytes;
import static dev.cleanroom.operator.trust.registry.Content.descriptor;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static dev.cleanroom.operator.trust.registry.Content.index;
import static dev.cleanroom.operator.trust.registry.Content.json;
import static dev.cleanroom.operator.trust.registry.FailureCode.Malformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.MediaTypeRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.PlatformMissing;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooMany;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestReaderTest {
    private static final String SOME = json(descriptor("text/plain", bytes("x")));
    private static final String SCHEMA = "\"schemaVersion\":2";
    private static final String IMAGE = SCHEMA + ",\"config\":" + SOME + ",\"layers\":[" + SOME + "]";

    private static RegistryAnswer<Manifest> read(String text, String contentType) {
        return read(bytes(text), contentType);
    }

    private static RegistryAnswer<Manifest> read(byte[] bytes, String contentType) {
        return RegistryAnswer.of(() -> ManifestReader.read(bytes, Digest.of(bytes), contentType));
    }

    @Test
    void imageIsRead() {
        byte[] referrer = Content.referrer(descriptor(MANIFEST, image("a")), "sig");

        assertThat(Asked.found(read(referrer, MANIFEST))).isInstanceOfSatisfying(Manifest.Image.class, image -> {
            assertThat(image.digest()).isEqualTo(Digest.of(referrer));
            assertThat(image.artifactType()).isEqualTo(Content.BUNDLE);
            assertThat(image.layers()).containsExactly(descriptor(Content.BUNDLE, Content.LAYER));
            assertThat(image.subject()).isEqualTo(descriptor(MANIFEST, image("a")));
            assertThat(image.annotations()).containsEntry("name", "sig");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "APPLICATION/VND.OCI.IMAGE.MANIFEST.V1+JSON; charset=utf-8"
    })
    void contentTypeCountsWhereTheManifestSaysNothing(String contentType) {
        assertThat(Asked.found(read("{" + IMAGE + "}", contentType))).isInstanceOf(Manifest.Image.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "application/octet-stream", "application/json", ""})
    void manifestCountsWhereTheContentTypeSaysNothing(String contentType) {
        assertThat(Asked.found(read(image("a"), contentType))).isInstanceOf(Manifest.Image.class);
        assertThat(Asked.code(read("{" + IMAGE + "}", contentType))).isEqualTo(MediaTypeRefused);
    }

    @Test
    void typesThatContradictAreRefused() {
        assertThat(Asked.code(read(image("a"), INDEX))).isEqualTo(Malformed);
        assertThat(Asked.code(read(index(SOME), MANIFEST))).isEqualTo(Malformed);
        assertThat(Asked.code(read("{" + IMAGE + "}", INDEX))).isEqualTo(Malformed);
        assertThat(Asked.code(read("{" + SCHEMA + ",\"manifests\":[]}", MANIFEST)))
                .isEqualTo(Malformed);
    }

    @Test
    void whatCouldBeBothIsRefused() {
        assertThat(Asked.code(read("{" + IMAGE + ",\"manifests\":[" + SOME + "]}", MANIFEST)))
                .isEqualTo(Malformed);
        assertThat(Asked.code(read("{" + SCHEMA + ",\"manifests\":[],\"layers\":[]}", INDEX)))
                .isEqualTo(Malformed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"schemaVersion\":1,\"name\":\"a\",\"fsLayers\":[]}",
                "{\"schemaVersion\":\"2\",\"config\":{},\"layers\":[]}",
                "{\"schemaVersion\":2.0,\"config\":{},\"layers\":[]}",
                "{\"config\":{},\"layers\":[]}",
                "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v1+prettyjws\"}",
                "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.artifact.manifest.v1+json\"}"
            })
    void otherSchemasAndTypesAreRefused(String text) {
        assertThat(Asked.code(read(text, MANIFEST))).isEqualTo(MediaTypeRefused);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "[]",
                "null",
                "{",
                "{\"a\":1,\"a\":2}",
                "{\"schemaVersion\":2} {}",
                "{\"schemaVersion\":2}x",
                "{\"mediaType\":7}"
            })
    void otherThanStrictJsonIsRefused(String text) {
        assertThat(Asked.code(read(text, MANIFEST))).isEqualTo(Malformed);
    }

    @Test
    void onlyUtf8IsRead() {
        assertThat(Asked.code(read(
                        new String(image("a"), StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_16), MANIFEST)))
                .isEqualTo(Malformed);
        assertThat(Asked.code(read(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}, MANIFEST)))
                .isEqualTo(Malformed);
    }

    @Test
    void depthAndTokensAreLimited() {
        String deep = "{\"a\":" + "[".repeat(StrictJson.MOST_DEPTH) + "]".repeat(StrictJson.MOST_DEPTH) + "}";
        String many = "{\"a\":[" + "1,".repeat((int) StrictJson.MOST_TOKENS) + "1]}";

        assertThat(Asked.code(read(deep, MANIFEST))).isEqualTo(Malformed);
        assertThat(Asked.code(read(many, MANIFEST))).isEqualTo(Malformed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "7",
                "null",
                "{\"mediaType\":\"a\",\"digest\":\"sha256:00\",\"size\":1}",
                "{\"mediaType\":\"a\",\"digest\":\"%s\"}",
                "{\"mediaType\":\"a\",\"digest\":\"%s\",\"size\":-1}",
                "{\"mediaType\":\"a\",\"digest\":\"%s\",\"size\":1.5}",
                "{\"mediaType\":\"a\",\"digest\":\"%s\",\"size\":\"1\"}",
                "{\"mediaType\":\"a\",\"digest\":\"%s\",\"size\":99999999999999999999}",
                "{\"digest\":\"%s\",\"size\":1}",
                "{\"mediaType\":\"a\",\"digest\":\"%s\",\"size\":1,\"annotations\":{\"a\":1}}",
                "{\"mediaType\":\"a\",\"digest\":\"%s\",\"size\":1,\"annotations\":[\"a\"]}"
            })
    void descriptorsAreExact(String descriptor) {
        String text = descriptor.formatted(Digest.of(bytes("x")));

        assertThat(Asked.code(read("{" + SCHEMA + ",\"config\":" + SOME + ",\"layers\":[" + text + "]}", MANIFEST)))
                .isEqualTo(Malformed);
    }

    @Test
    void layersAndManifestsAreLimited() {
        String layers = String.join(",", Collections.nCopies(ManifestReader.MOST_LAYERS + 1, SOME));
        String manifests = String.join(",", Collections.nCopies(ManifestReader.MOST_MANIFESTS + 1, SOME));

        assertThat(Asked.code(read("{" + SCHEMA + ",\"config\":" + SOME + ",\"layers\":[" + layers + "]}", MANIFEST)))
                .isEqualTo(TooMany);
        assertThat(Asked.code(read(index(manifests), INDEX))).isEqualTo(TooMany);
    }

    @Test
    void indexChoosesTheFirstForThePlatform() {
        Descriptor first = descriptor(MANIFEST, image("1"));
        Descriptor second = descriptor(MANIFEST, image("2"));
        Manifest.Index index = (Manifest.Index) Asked.found(read(
                index(
                        SOME,
                        json(first, "{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}"),
                        json(second, "{\"os\":\"linux\",\"architecture\":\"amd64\"}"),
                        json(first, "{\"os\":\"linux\",\"architecture\":\"amd64\"}")),
                INDEX));

        assertThat(chosen(index, "amd64", null)).isEqualTo(second.digest());
        assertThat(chosen(index, "arm64", null)).isEqualTo(first.digest());
        assertThat(chosen(index, "arm64", "v8")).isEqualTo(first.digest());
        assertThat(Asked.code(RegistryAnswer.of(() -> index.choose(new Platform("linux", "arm64", "v9")))))
                .isEqualTo(PlatformMissing);
        assertThat(Asked.code(RegistryAnswer.of(() -> index.choose(new Platform("windows", "amd64", null)))))
                .isEqualTo(PlatformMissing);
    }

    private static Digest chosen(Manifest.Index index, String architecture, String variant) {
        return Asked.found(RegistryAnswer.of(() -> index.choose(new Platform("linux", architecture, variant))))
                .digest();
    }
}
