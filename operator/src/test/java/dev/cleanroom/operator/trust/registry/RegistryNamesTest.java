package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One registry under several names: who is asked, with which settings and which credentials. */
class RegistryNamesTest {
    private static final HostOptions SETTINGS = new HostOptions(false, true, List.of(), "PEM");

    private static Repository repository(String reference) {
        return found(ImageReference.parse(reference)).repository();
    }

    private static RegistryOptions settings(String host) {
        return new RegistryOptions(Map.of(host, SETTINGS));
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example.com, registry.example.com",
        "registry.example.com:443, registry.example.com",
        "registry.example.com:5000, registry.example.com:5000",
        "[2001:db8::443]:443, [2001:db8::443]",
        "[2001:db8::443], [2001:db8::443]",
        "docker.io, docker.io",
        "index.docker.io, docker.io",
        "registry-1.docker.io:443, docker.io",
        "auth.docker.io, auth.docker.io",
        "docker.io.example.com, docker.io.example.com"
    })
    void aRegistryHasOneUsualName(String registry, String usual) {
        assertThat(RegistryNames.usual(registry)).isEqualTo(usual);
        assertThat(RegistryNames.all(registry))
                .startsWith(registry)
                .contains(usual)
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"maven", "docker.io/maven", "index.docker.io/library/maven", "registry-1.docker.io/library/maven"
            })
    void dockerHubIsAskedWhereItServesItsApi(String reference) {
        Endpoint endpoint = Endpoint.own(repository(reference), RegistryOptions.STRICT);

        assertThat(endpoint.manifest("3.9"))
                .isEqualTo(URI.create("https://registry-1.docker.io/v2/library/maven/manifests/3.9"));
        assertThat(endpoint.registry()).isEqualTo("docker.io");
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example.com, registry.example.com:443",
        "registry.example.com:443, registry.example.com",
        "docker.io, registry-1.docker.io",
        "docker.io, index.docker.io",
        "index.docker.io, docker.io",
        "registry-1.docker.io, docker.io",
        "registry-1.docker.io:443, docker.io",
        "[2001:db8::1]:443, [2001:db8::1]"
    })
    void settingsOfOneNameAreForTheOthers(String written, String asked) {
        assertThat(settings(written).of(asked)).isEqualTo(SETTINGS);
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example.com, registry.example.com:5000",
        "registry.example.com:5000, registry.example.com",
        "registry.example.com:5000, registry.example.com:443",
        "docker.io, auth.docker.io",
        "docker.io, docker.io:5000"
    })
    void settingsAreForNoOtherRegistry(String written, String asked) {
        assertThat(settings(written).of(asked)).isEqualTo(HostOptions.STRICT);
    }

    @Test
    void aNameWithItsOwnSettingsHasThese() {
        RegistryOptions options =
                new RegistryOptions(Map.of("docker.io", HostOptions.STRICT, "registry-1.docker.io", SETTINGS));

        assertThat(options.of("docker.io")).isEqualTo(HostOptions.STRICT);
        assertThat(options.of("registry-1.docker.io")).isEqualTo(SETTINGS);
    }

    @ParameterizedTest
    @CsvSource({
        "docker.io, maven:3.9, library/maven",
        "index.docker.io, docker.io/maven:3.9, library/maven",
        "registry-1.docker.io, me/tool:3.9, me/tool",
        "registry.example.com, registry.example.com:443/team/maven:3.9, team/maven",
        "registry.example.com:443, registry.example.com/team/maven:3.9, team/maven"
    })
    void aMirrorIsForEveryName(String settings, String reference, String path) {
        try (FakeRegistry mirror = new FakeRegistry();
                Setting setting = Setting.with(mirror)) {
            setting.host(settings, new HostOptions(false, false, List.of(Mirror.parse(mirror.host())), true, null));
            mirror.on(
                    "/v2/" + path + "/manifests/3.9", FakeRegistry.bytes(200, image("a"), "Content-Type: " + MANIFEST));

            assertThat(found(setting.client().manifest(found(ImageReference.parse(reference))))
                            .digest())
                    .isEqualTo(Digest.of(image("a")));
        }
    }

    @Test
    void aMirrorOfAnotherPortIsNotAsked() {
        try (FakeRegistry mirror = new FakeRegistry();
                FakeRegistry own = new FakeRegistry();
                Setting setting = Setting.with(mirror, own)) {
            setting.host("127.0.0.1", new HostOptions(true, true, List.of(Mirror.parse(mirror.host())), null));

            assertThat(code(setting.client().manifest(own.repository().at("3.9"))))
                    .isEqualTo(FailureCode.NotFound);
            assertThat(mirror.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://registry.example.com, https://registry.example.com:443/v2/, true",
        "https://registry.example.com:443, https://Registry.example.com/v2/, true",
        "http://registry.example.com, http://registry.example.com:80/v2/, true",
        "https://registry.example.com, http://registry.example.com/v2/, false",
        "https://registry.example.com, http://registry.example.com:443/v2/, false",
        "https://registry.example.com, https://registry.example.com:5000/v2/, false",
        "https://registry.example.com, https://registry.example.com.evil.example/v2/, false"
    })
    void anOriginIsSchemeHostAndPort(URI one, URI other, boolean same) {
        assertThat(Endpoint.sameOrigin(one, other)).isEqualTo(same);
        assertThat(Endpoint.sameOrigin(other, one)).isEqualTo(same);
    }
}
