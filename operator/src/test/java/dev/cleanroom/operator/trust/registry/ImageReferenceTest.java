package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.FailureCode.ReferenceMalformed;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
    private static final String HEX = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "registry.example.com/alpine, registry.example.com/alpine:latest",
        "registry.example.com:5000/a/b/c:v1_x.y-z, registry.example.com:5000/a/b/c:v1_x.y-z",
        "Registry.Example.COM/builders/maven, registry.example.com/builders/maven:latest",
        "LOCALHOST/maven, localhost/maven:latest",
        "localhost/maven, localhost/maven:latest",
        "localhost:5000/maven, localhost:5000/maven:latest",
        "10.0.0.1:5000/maven:1, 10.0.0.1:5000/maven:1",
        "'[fd00::1]:5000/maven:1', '[fd00::1]:5000/maven:1'",
        "registry.example.com/a__b/c-d.e--f:1, registry.example.com/a__b/c-d.e--f:1",
        "maven, docker.io/library/maven:latest",
        "maven:3.9, docker.io/library/maven:3.9",
        "registry:5000, docker.io/library/registry:5000",
        "me/tool, docker.io/me/tool:latest",
        "a/b/c:1, docker.io/a/b/c:1",
        "library/maven, docker.io/library/maven:latest",
        "docker.io/maven, docker.io/library/maven:latest",
        "Docker.io/maven:3.9, docker.io/library/maven:3.9",
        "docker.io/me/tool, docker.io/me/tool:latest",
        "docker.io:443/maven, docker.io/library/maven:latest",
        "index.docker.io/maven, docker.io/library/maven:latest",
        "index.docker.io/me/tool:1, docker.io/me/tool:1",
        "registry-1.docker.io/library/maven, docker.io/library/maven:latest",
        "registry-1.docker.io:443/me/tool, docker.io/me/tool:latest",
        "docker.io:5000/maven, docker.io:5000/maven:latest",
        "hub.docker.io/maven, hub.docker.io/maven:latest",
        "registry.example.com:443/maven, registry.example.com:443/maven:latest"
    })
    void isNormalized(String text, String normalized) {
        assertThat(found(ImageReference.parse(text))).hasToString(normalized);
        assertThat(found(ImageReference.parse(normalized))).hasToString(normalized);
    }

    @Test
    void aNameWithoutARegistryMayHaveADigest() {
        assertThat(found(ImageReference.parse("maven:3.9@sha256:" + HEX)))
                .hasToString("docker.io/library/maven@sha256:" + HEX);
    }

    @Test
    void upperCaseAloneMarksNoRegistryAndTheMessageSaysWhatDoes() {
        assertThat(Asked.failed(ImageReference.parse("UPPER/maven")).message())
                .contains("a registry's name without '.' or port must be in lower case, or have a port");
    }

    @Test
    void digestMakesTheTagMeaningless() {
        ImageReference reference = found(ImageReference.parse("registry.example.com/maven:3.9@sha256:" + HEX));

        assertThat(reference).hasToString("registry.example.com/maven@sha256:" + HEX);
        assertThat(reference.tag()).isNull();
        assertThat(found(ImageReference.parse(reference.toString()))).isEqualTo(reference);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "Maven",
                "me/Tool",
                "/",
                "docker.io/",
                "maven@",
                "UPPER/maven",
                "registry.example.com/maven ",
                ":tag",
                "registry.example.com/maven:",
                "registry.example.com/maven:-tag",
                "registry.example.com/maven:a b",
                "registry.example.com/",
                "registry.example.com//maven",
                "/maven",
                "registry.example.com/maven/",
                "registry.example.com/Maven",
                "registry.example.com/../maven",
                "registry.example.com/a/./b",
                "registry.example.com/a_-b",
                "registry.example.com/maven?x=1",
                "registry.example.com/maven#x",
                "registry.example.com/maven%2e",
                "registry.example.com/maven\r\nHost: elsewhere",
                "https://registry.example.com/maven",
                "user@registry.example.com/maven",
                "user:password@registry.example.com/maven",
                "registry..example.com/maven",
                "-registry.example.com/maven",
                "registry-.example.com/maven",
                "registry_x.example.com/maven",
                "registry.example.com:/maven",
                "registry.example.com:0/maven",
                "registry.example.com:65536/maven",
                "registry.example.com:123456/maven",
                "registry.example.com:5000:5001/maven",
                "r\u00e9gistry.example.com/maven",
                "registry.example.com/m\u0430ven",
                "[fe80::1%25eth0]/maven",
                "[::1/maven",
                "[:::]/maven",
                "127.1/maven",
                "0x7f.1/maven",
                "registry.example.com/maven@",
                "registry.example.com/maven@sha256:",
                "registry.example.com/maven@sha256:0123",
                "registry.example.com/maven@sha512:0123",
                "registry.example.com/maven@@sha256:0123"
            })
    void isRefused(String text) {
        assertThat(code(ImageReference.parse(text))).isEqualTo(ReferenceMalformed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "registry.example.com/maven@sha256:%S",
                "registry.example.com/maven@SHA256:%s",
                "registry.example.com/maven@sha256:%s0",
                "registry.example.com/maven@sha512:%s%s",
                "%s",
                "registry.example.com/maven@sha256: %s"
            })
    void digestIsExact(String pattern) {
        assertThat(code(ImageReference.parse(pattern.formatted(HEX, HEX)))).isEqualTo(ReferenceMalformed);
    }

    @Test
    void lengthIsLimited() {
        String host = "registry.example.com/";
        String longest = host + "a".repeat(ImageReference.MOST_NAME_CHARACTERS - host.length());

        assertThat(found(ImageReference.parse(longest)).repository()).hasToString(longest);
        assertThat(code(ImageReference.parse(longest + "a"))).isEqualTo(ReferenceMalformed);
        assertThat(code(ImageReference.parse("a".repeat(10_000_000)))).isEqualTo(ReferenceMalformed);
        assertThat(code(ImageReference.parse("registry.example.com/maven:" + "t".repeat(129))))
                .isEqualTo(ReferenceMalformed);
    }

    @Test
    void messageTellsNothingOfTheText() {
        assertThat(Asked.failed(ImageReference.parse("user:hunter2@registry.example.com/maven"))
                        .message())
                .doesNotContain("hunter2");
    }

    @Test
    void tagsOfOtherClientsAreDerivedFromTheDigest() {
        Digest digest = new Digest(HEX);

        assertThat(digest.referrersTag()).isEqualTo("sha256-" + HEX);
        assertThat(digest.legacySignatureTag()).isEqualTo("sha256-" + HEX + ".sig");
        assertThat(digest.legacyAttestationTag()).isEqualTo("sha256-" + HEX + ".att");
    }
}
