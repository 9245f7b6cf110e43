package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.trust.registry.ImageReference;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagePatternTest {
    private static boolean matches(String pattern, String reference) {
        return switch (ImageReference.parse(reference)) {
            case RegistryAnswer.Found<ImageReference>(ImageReference read) ->
                ImagePattern.of(pattern).matches(read.repository());
            case RegistryAnswer.Failed<ImageReference> failed -> throw new AssertionError(failed.message());
        };
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example.com/builders/maven,    registry.example.com/builders/maven:3.9",
        "registry.example.com/builders/maven,    REGISTRY.Example.com/builders/maven",
        "registry.example.com/builders/**,       registry.example.com/builders/maven",
        "registry.example.com/builders/**,       registry.example.com/builders/jdk/25/maven",
        "registry.example.com/**/maven,          registry.example.com/a/b/maven",
        "registry.example.com/builders/*,        registry.example.com/builders/maven",
        "registry.example.com/builders/m*n,      registry.example.com/builders/maven",
        "registry.example.com/*/maven,           registry.example.com/builders/maven",
        "*.example.com/builders/**,              eu.example.com/builders/maven",
        "registry.example.com:5000/builders/**,  registry.example.com:5000/builders/maven",
        "registry.example.com:*/builders/**,     registry.example.com:5000/builders/maven",
        "[2001:db8::1]:5000/builders/**,         [2001:db8::1]:5000/builders/maven",
        "localhost/**,                           localhost/maven",
        "**,                                     registry.example.com/maven",
        "**,                                     registry.example.com:5000/a/b/c"
    })
    void aReferenceIsMatched(String pattern, String reference) {
        assertThat(matches(pattern, reference)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example.com/builders/**,   registry.example.com.evil.example.net/builders/maven",
        "registry.example.com/builders/**,   evil-registry.example.com/builders/maven",
        "registry.example.com/builders/**,   registryxexample.com/builders/maven",
        "registry.example.com/builders/**,   evil.example.net/registry.example.com/builders/maven",
        "registry.example.com/builders/**,   registry.example.com/builders-evil/maven",
        "registry.example.com/builders/**,   registry.example.com/builders",
        "registry.example.com/builders/**,   registry.example.com/evil/builders/maven",
        "registry.example.com/builders/**,   registry.example.com:5000/builders/maven",
        "registry.example.com:5000/**,       registry.example.com/builders/maven",
        "registry.example.com:5000/**,       registry.example.com:50000/builders/maven",
        "registry.example.com/builders/*,    registry.example.com/builders/jdk/maven",
        "registry.example.com/builders/m*n,  registry.example.com/builders/maven-evil",
        "registry.example.com/builders/maven, registry.example.com/builders/maven/evil",
        "registry.example.com/**/maven,      registry.example.com/maven",
        "*.example.com/builders/**,          example.com/builders/maven",
        "*.example.com/builders/**,          evil.net/a.example.com/builders/maven",
        "registry.example.com/builders.x/*,  registry.example.com/buildersyx/maven"
    })
    void isNotAbout(String pattern, String reference) {
        assertThat(matches(pattern, reference)).isFalse();
    }

    /** A strict policy about a registry, and a laxer one about all: the spelling must not choose between them. */
    @ParameterizedTest
    @CsvSource({
        "registry.example.com/builders/**,      registry.example.com:443/builders/maven",
        "registry.example.com:443/builders/**,  registry.example.com/builders/maven",
        "registry.example.com:*/builders/**,    registry.example.com/builders/maven",
        "[2001:db8::1]/builders/**,             [2001:db8::1]:443/builders/maven"
    })
    void thePortOfHttpsIsNoWayAroundAPolicy(String pattern, String reference) {
        assertThat(matches(pattern, reference)).isTrue();
        assertThat(matches(pattern, reference.replace("builders/", "builders-evil/")))
                .isFalse();
    }

    /** Nor are the names of Docker Hub. */
    @ParameterizedTest
    @CsvSource({
        "docker.io/library/maven,           maven:3.9",
        "docker.io/library/*,               docker.io/maven",
        "docker.io/maven,                   library/maven",
        "docker.io/*,                       maven",
        "docker.io/**,                      maven",
        "docker.io/me/**,                   index.docker.io/me/tool",
        "docker.io/me/**,                   registry-1.docker.io:443/me/tool",
        "index.docker.io/library/**,        maven",
        "index.docker.io/me/*,              me/tool",
        "registry-1.docker.io/**,           docker.io/me/tool",
        "*.docker.io/me/tool,               me/tool",
        "docker.io:443/me/**,               me/tool",
        "**,                                maven"
    })
    void noNameOfDockerHubIsAWayAroundAPolicy(String pattern, String reference) {
        assertThat(matches(pattern, reference)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "docker.io/library/*,           me/tool",
        "docker.io/*,                   me/tool",
        "docker.io/me/**,               maven",
        "docker.io/tool,                library/me/tool",
        "registry.example.com/maven,    maven",
        "docker.io/**,                  hub.docker.io/me/tool",
        "docker.io/**,                  docker.io:5000/me/tool",
        "registry.example.com/maven,    registry.example.com/library/maven"
    })
    void whatIsElsewhereIsNotOnDockerHub(String pattern, String reference) {
        assertThat(matches(pattern, reference)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"registry.example.com:05000/builders/maven", "registry.example.com:0443/builders/maven"})
    void noPortHasASecondSpelling(String reference) {
        assertThat(ImageReference.parse(reference))
                .isInstanceOfSatisfying(
                        RegistryAnswer.Failed.class,
                        failed -> assertThat(failed.code()).hasToString("ReferenceMalformed"));
    }

    /** What would take a backtracking matcher the age of the universe. */
    @Test
    void starsTakeLinearTime() {
        assertThat(matches("registry.example.com/" + "*a".repeat(60) + "b", "registry.example.com/" + "a".repeat(200)))
                .isFalse();
    }

    @Test
    void whatTheSchemaDidNotSeeIsReadLiterally() {
        assertThat(matches("registry.example.com/(a|maven)", "registry.example.com/maven"))
                .isFalse();
        assertThat(matches("registry.example.com/\\Q*\\E", "registry.example.com/maven"))
                .isFalse();
        assertThat(matches("", "registry.example.com/maven")).isFalse();
    }
}
