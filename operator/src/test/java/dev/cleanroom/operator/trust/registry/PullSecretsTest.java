package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.failed;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.FailureCode.CredentialsMalformed;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PullSecretsTest {
    private static String auth(String user) {
        return "{\"auth\":\"" + Base64.getEncoder().encodeToString(Content.bytes(user + ":pass:word")) + "\"}";
    }

    /** Each registry's user is its own name. */
    private static Map.Entry<String, byte[]> secret(String name, String... registries) {
        String auths = Arrays.stream(registries)
                .map(registry -> "\"" + registry + "\":" + auth(registry))
                .collect(Collectors.joining(","));
        return Map.entry(name, Content.bytes("{\"auths\":{" + auths + "}}"));
    }

    private static Credentials of(String... registries) {
        return found(PullSecrets.read(List.of(secret("pull", registries))));
    }

    private static Optional<String> user(Credentials credentials, String registry, String repository) {
        return credentials.matching(registry, repository).map(Credential::username);
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example.com, registry.example.com, team/maven, true",
        "https://registry.example.com, registry.example.com, team/maven, true",
        "http://Registry.Example.com/, registry.example.com, team/maven, true",
        "https://registry.example.com/v2/, registry.example.com, team/maven, true",
        "https://registry.example.com/v1/team, registry.example.com, team/maven, true",
        "registry.example.com/team, registry.example.com, team/maven, true",
        "registry.example.com/team, registry.example.com, team, true",
        "registry.example.com/team, registry.example.com, team-b/maven, false",
        "registry.example.com/team, registry.example.com, teams, false",
        "registry.example.com/v2team, registry.example.com, v2team/maven, true",
        "registry.example.com, registry.example.com:5000, team/maven, false",
        "registry.example.com:5000, registry.example.com, team/maven, false",
        "registry.example.com:5000, registry.example.com:5000, team/maven, true",
        "example.com, registry.example.com, team/maven, false",
        "registry.example.com, registry.example.com.evil.example, team/maven, false",
        "'*.example.com', registry.example.com, team/maven, true",
        "'*.example.com', a.b.example.com, team/maven, false",
        "'*.example.com', example.com, team/maven, false",
        "'reg*.example.com', registry.example.com, team/maven, true",
        "'reg*try.example.com', registry.example.com, team/maven, true",
        "'registry*registry.example.com', registry.example.com, team/maven, false",
        "https://registry.example.com/v1/, registry.example.com, library/maven, true"
    })
    void entryIsForItsHostAndPathOnly(String entry, String registry, String repository, boolean matches) {
        assertThat(user(of(entry), registry, repository).isPresent()).isEqualTo(matches);
    }

    @Test
    void longestMatchCountsThenTheFirst() {
        Credentials credentials = found(PullSecrets.read(List.of(
                secret("environment", "registry.example.com", "registry.example.com/team"),
                secret("class", "registry.example.com/team/maven", "https://registry.example.com/team"))));

        assertThat(user(credentials, "registry.example.com", "team/maven")).contains("registry.example.com/team/maven");
        assertThat(user(credentials, "registry.example.com", "team/gradle")).contains("registry.example.com/team");
        assertThat(user(credentials, "registry.example.com", "other")).contains("registry.example.com");
    }

    @Test
    void passwordMayHaveColons() {
        assertThat(of("registry.example.com").matching("registry.example.com", "a"))
                .contains(new Credential("registry.example.com", "pass:word"));
    }

    @Test
    void userAndPasswordServeWhereThereIsNoAuth() {
        byte[] value = Content.bytes("{\"auths\":{\"registry.example.com\":{\"username\":\"u\",\"password\":\"p\"}}}");

        assertThat(found(PullSecrets.read(List.of(Map.entry("pull", value)))).matching("registry.example.com", "a"))
                .contains(new Credential("u", "p"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"auths\":[]}",
                "{\"auths\":{\"a.example.com\":{\"auth\":\"hunter2!\"}}}",
                "{\"auths\":{\"a.example.com\":{\"auth\":\"aHVudGVyMg==\"}}}",
                "{\"auths\":{\"a.example.com\":{\"username\":\"hunter2\"}}}",
                "{\"auths\":{\"a.example.com\":{\"identitytoken\":\"hunter2\"}}}",
                "{\"auths\":{\"a.example.com\":\"hunter2\"}}",
                "{\"auths\":{\"*a*.example.com\":{\"username\":\"u\",\"password\":\"hunter2\"}}}",
                "{\"auths\":{\"a b\":{\"username\":\"u\",\"password\":\"hunter2\"}}}",
                "{\"auths\":{\"\":{\"username\":\"u\",\"password\":\"hunter2\"}}}",
                "{\"auths\":{},\"auths\":{}}",
                "{\"auths\":hunter2}"
            })
    void whatCannotBeReadFailsAndShowsNothing(String value) {
        var failed = failed(
                PullSecrets.read(List.of(secret("good", "b.example.com"), Map.entry("bad", Content.bytes(value)))));

        assertThat(failed.code()).isEqualTo(CredentialsMalformed);
        assertThat(failed.message()).contains("Secret bad").doesNotContain("hunter2");
    }

    @Test
    void bytesAndEntriesAreLimited() {
        String[] many = IntStream.rangeClosed(0, PullSecrets.MOST_ENTRIES)
                .mapToObj(i -> "r" + i + ".example.com")
                .toArray(String[]::new);

        assertThat(code(PullSecrets.read(List.of(secret("pull", many))))).isEqualTo(CredentialsMalformed);
        assertThat(code(PullSecrets.read(List.of(Map.entry("pull", new byte[PullSecrets.MOST_BYTES + 1])))))
                .isEqualTo(CredentialsMalformed);
    }

    @Test
    void nothingPrintsASecret() {
        Credentials credentials = of("registry.example.com");

        assertThat(credentials.toString()).doesNotContain("pass");
        assertThat(credentials.entries().toString()).doesNotContain("pass");
    }
}
