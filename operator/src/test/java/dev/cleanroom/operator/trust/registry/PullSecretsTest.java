package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.failed;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.FailureCode.CredentialsMalformed;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link PullSecretsAsKubeletTest} does not have: messages, limits, and that no other host gets anything. */
class PullSecretsTest {
    private static String auth(String user) {
        return "{\"auth\":\"" + Base64.getEncoder().encodeToString(Content.bytes(user + ":pass:word")) + "\"}";
    }

    private static PullSecrets.Source source(String name, String value) {
        return new PullSecrets.Source(name, PullSecrets.Form.CONFIG, Content.bytes(value));
    }

    /** Each registry's user is its own name. */
    private static PullSecrets.Source secret(String name, String... registries) {
        String auths = Arrays.stream(registries)
                .map(registry -> "\"" + registry + "\":" + auth(registry))
                .collect(Collectors.joining(","));
        return source(name, "{\"auths\":{" + auths + "}}");
    }

    private static Credentials of(String... registries) {
        return found(PullSecrets.read(List.of(secret("pull", registries))));
    }

    private static Credentials read(String auths) {
        return found(PullSecrets.read(List.of(source("pull", "{\"auths\":" + auths + "}"))));
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example.com:5000, registry.example.com, team/maven",
        "registry.example.com, registry.example.com:5000, team/maven",
        "registry.example.com/team, registry.example.com, other/team",
        "example.com, registry.example.com, team/maven",
        "registry.example.com, registry.example.com.evil.example, team/maven",
        "registry.example.com, evil-registry.example.com, team/maven",
        "evil.example/registry.example.com, registry.example.com, team/maven",
        "registry.example.com@evil.example, registry.example.com, team/maven",
        "'*.example.com', a.b.example.com, team/maven",
        "'*.example.com', example.com, team/maven",
        "'*.example.com', registry.example.com:5000, team/maven",
        "'registry.example.*', registry.example.com:5000, team/maven",
        "'registry.e*e.com', registry.e.com, team/maven",
        "docker.io, hub.docker.io, me/tool",
        "docker.io, docker.io:5000, me/tool",
        "https://index.docker.io/v1/, registry.example.com, library/maven"
    })
    void entryIsForNoOtherRegistry(String entry, String registry, String repository) {
        assertThat(of(entry).matching(registry, repository)).isEmpty();
    }

    @Test
    void passwordMayHaveColons() {
        assertThat(of("registry.example.com").matching("registry.example.com", "a"))
                .containsExactly(new Credential("registry.example.com", "pass:word"));
    }

    @Test
    void oneCredentialIsTriedOnce() {
        assertThat(read("{\"a.example.com\":" + auth("u") + ",\"a.example.com/team\":" + auth("u") + "}")
                        .matching("a.example.com", "team/maven"))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {"a.example.com":{}}                                   | it has neither 'auth' nor a user name
                    {"a.example.com":null}                                 | it has neither 'auth' nor a user name
                    {"a.example.com":"hunter2"}                            | it has neither 'auth' nor a user name
                    {"a.example.com":{"password":"hunter2"}}               | it has neither 'auth' nor a user name
                    {"a.example.com":{"auth":"OmguMg=="}}                  | it has neither 'auth' nor a user name
                    {"a.example.com":{"identitytoken":"hunter2"}}          | it has an identity token
                    {"a.example.com":{"auth":"MDAwMDo=","identitytoken":"hunter2"}} | it has an identity token
                    {"a.example.com":{"auth":"hunter2!"}}                  | its 'auth' is not Base64
                    {"a.example.com":{"auth":"aHVudGVyMg=="}}              | its 'auth' is not user:password in Base64
                    {"a.example.com":{"auth":["hunter2"]}}                 | its 'auth' is not a text
                    {"a.example.com":{"username":2,"password":"hunter2"}}  | its 'username' is not a text
                    """)
    void aUselessEntryIsSkippedAndAMessageCanSayWhy(String auths, String reason) {
        Credentials credentials = found(
                PullSecrets.read(List.of(secret("good", "b.example.com"), source("bad", "{\"auths\":" + auths + "}"))));

        assertThat(credentials.entries()).hasSize(1);
        assertThat(credentials.unusedFor("a.example.com", "team/maven"))
                .startsWith("; Secret bad: the entry a.example.com is not used: " + reason)
                .doesNotContain("hunter2");
        assertThat(credentials.unusedFor("b.example.com", "team/maven")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hunter2 .example.com", "", "https://", "a.example.com:hunter2", "a\\n"})
    void anEntryWhoseNameIsNoRegistryMayBeForAny(String name) {
        Credentials credentials = read("{\"" + name + "\":" + auth("u") + "}");

        assertThat(credentials.entries()).isEmpty();
        assertThat(credentials.unusedFor("a.example.com", "team/maven"))
                .isEqualTo("; Secret pull: an entry is not used: its name is not a registry's host");
    }

    /** A user's name and password may stand before a host, too. */
    @Test
    void whatStandsBeforeAHostIsNotShown() {
        assertThat(read("{\"https://u:hunter2@a.example.com/team?hunter2\":{}}")
                        .unusedFor("a.example.com", "team/maven"))
                .contains("the entry https://a.example.com/team is not used")
                .doesNotContain("hunter2");
    }

    @Test
    void anEntryIsNamedAsItIsWritten() {
        assertThat(read("{\"https://index.docker.io/v1/\":{}}").unusedFor("docker.io", "library/maven"))
                .contains("the entry https://index.docker.io/v1/ is not used");
    }

    @Test
    void aCredentialHelperIsNamedWhereItIsFor() {
        Credentials credentials = found(PullSecrets.read(
                List.of(source("pull", "{\"auths\":{},\"credHelpers\":{\"a.example.com\":\"ecr-login\"}}"))));

        assertThat(credentials.unusedFor("a.example.com", "team/maven"))
                .isEqualTo(
                        "; Secret pull: the entry a.example.com is not used: its credential helper (credHelpers) is a"
                                + " program, and is not run");
        assertThat(credentials.unusedFor("b.example.com", "team/maven")).isEmpty();
    }

    @Test
    void aMessageNamesAFewAndCountsTheOthers() {
        String auths = IntStream.range(0, 9)
                .mapToObj(i -> "\"a.example.com?" + i + "\":{}")
                .collect(Collectors.joining(",", "{", "}"));

        assertThat(read(auths).unusedFor("a.example.com", "team"))
                .endsWith("; and 6 more")
                .hasSizeLessThan(1_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"auths\":[]}", "{\"auths\":\"hunter2\"}", "{\"auths\":hunter2}", "{} hunter2"})
    void whatIsNotJsonFailsAndShowsNothing(String value) {
        var failed = failed(PullSecrets.read(List.of(secret("good", "b.example.com"), source("bad", value))));

        assertThat(failed.code()).isEqualTo(CredentialsMalformed);
        assertThat(failed.message()).contains("Secret bad").doesNotContain("hunter2");
    }

    @Test
    void bytesEntriesAndValuesAreLimited() {
        String[] many = IntStream.rangeClosed(0, PullSecrets.MOST_ENTRIES)
                .mapToObj(i -> "r" + i + ".example.com")
                .toArray(String[]::new);
        String useless = Arrays.stream(many)
                .map(host -> "\"" + host + "\":{}")
                .collect(Collectors.joining(",", "{\"auths\":{", "}}"));

        assertThat(code(PullSecrets.read(List.of(secret("pull", many))))).isEqualTo(CredentialsMalformed);
        assertThat(code(PullSecrets.read(List.of(source("pull", useless))))).isEqualTo(CredentialsMalformed);
        assertThat(code(PullSecrets.read(List.of(source("pull", " ".repeat(PullSecrets.MOST_BYTES + 1))))))
                .isEqualTo(CredentialsMalformed);
        int deep = StrictJson.MOST_DEPTH;
        assertThat(code(PullSecrets.read(
                        List.of(source("pull", "{\"auths\":{\"a\":" + "[".repeat(deep) + "]".repeat(deep) + "}}")))))
                .isEqualTo(CredentialsMalformed);
    }

    @Test
    void nothingPrintsASecret() {
        Credentials credentials = of("registry.example.com");

        assertThat(credentials.toString()).doesNotContain("pass");
        assertThat(credentials.entries().toString()).doesNotContain("pass");
    }
}
