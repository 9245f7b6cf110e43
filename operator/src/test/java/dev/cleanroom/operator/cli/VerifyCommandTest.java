package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a person calls it. */
class VerifyCommandTest extends VerifyCalls {
    @Test
    void whatIsAcceptedIsShownAsItsDigestWithEachPolicyAndItsSigners() throws IOException {
        file("several", policy("strict", lab, "formats: [bundle]") + "---\n" + builders + keys("keys") + "---\n");
        Called called = verify("maven:3.9", "several");
        assertThat(called.err()).isEmpty();
        assertThat(called.exitCode()).isZero();
        assertThat(called.out()).hasSize(3);
        assertThat(called.out().get(0)).matches("Accepted {2}" + lab.address() + "/builders/maven@sha256:[0-9a-f]{64}");
        assertThat(called.out().get(1)).matches("policy builders: signed by key sha256:[0-9a-f]{64}");
        assertThat(called.out().get(2)).matches("policy strict: signed by key sha256:[0-9a-f]{64}");
    }

    @Test
    void asJsonItHasTheSameInAnOrderThatStays() throws IOException {
        String image = lab.address() + "/builders/maven:3.9";
        Called asText = verify(image, "builders");
        String pinned = asText.out().getFirst().substring("Accepted  ".length());
        String signer = asText.out().getLast().substring("policy builders: signed by ".length());
        file("stored", builders.replace("name: builders", "name: builders, generation: 7") + keys("keys"));
        Called called = verify(image, "stored", "-o", "json");
        assertThat(called.exitCode()).isZero();
        assertThat(called.json().toString())
                .isEqualTo(("{'outcome':'Accepted','reference':'%s','pinned':'%s','digest':'%s',"
                                + "'policies':[{'name':'builders','generation':7,'signers':['%s']}]}")
                        .replace('\'', '"')
                        .formatted(image, pinned, pinned.substring(pinned.indexOf('@') + 1), signer));
        assertThat(verify(image, "builders", "--output=json")
                        .json()
                        .path("policies")
                        .path(0)
                        .has("generation"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"unsigned:1, SignatureMissing", "stranger:1, SignatureInvalid"})
    void whatIsRejectedHasItsCodeItsMessageAndWhereThatIsExplained(String image, String code) throws IOException {
        Called called = verify(image, "builders");
        assertThat(called.exitCode()).isEqualTo(1);
        assertThat(called.err()).isEmpty();
        assertThat(called.out()).hasSize(3);
        assertThat(called.out().get(0)).isEqualTo("Rejected  " + code);
        assertThat(called.out().get(1))
                .matches(
                        "Not signed by \\S+ \\(policy builders\\): .+\\. Use an image that policy accepts, or have its owner"
                                + " sign it: cosign sign --key KEY " + lab.address()
                                + "/builders/\\w+@sha256:[0-9a-f]{64}");
        assertThat(called.out().get(2)).isEqualTo("Cause and remedy of " + code + ": docs/verification.md");
        JsonNode json = verify(image, "builders", "-o", "json").json();
        assertThat(json.fieldNames()).toIterable().containsExactly("outcome", "reference", "code", "message");
        assertThat(json.path("outcome").asText()).isEqualTo("Rejected");
        assertThat(json.path("message").asText()).isEqualTo(called.out().get(1));
    }

    @Test
    void aRegistryThatIsDownDecidesNothing() throws IOException {
        file("down", policy("builders", closed.host()) + keys("keys"));
        Called called = verify(closed.host() + "/builders/maven:3.9", "down");
        assertThat(called.exitCode()).isEqualTo(3);
        assertThat(called.out().getFirst()).isEqualTo("Unresolved  Unreachable");
        assertThat(called.out().getLast()).isEqualTo("Cause and remedy of Unreachable: docs/registry.md");
    }

    @Test
    void ofAnIndexThePlatformIsChosen() {
        Called amd64 = verify("python:3.14", "builders", "--platform", "linux/amd64");
        assertThat(amd64.exitCode()).isZero();
        assertThat(amd64.out().getFirst())
                .isNotEqualTo(verify("python:3.14", "builders").out().getFirst());
        Called other = verify("python:3.14", "builders", "--platform", "linux/s390x");
        assertThat(other.exitCode()).isEqualTo(3);
        assertThat(other.out().getFirst()).isEqualTo("Unresolved  PlatformMissing");
    }

    @Test
    void aPullSecretIsUsedAndNeverShown() throws IOException {
        String account = withAccount.username() + ":" + withAccount.password();
        String auth = Base64.getEncoder().encodeToString(account.getBytes(StandardCharsets.UTF_8));
        file("secret", "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}".formatted(withAccount.address(), auth));
        file("with-account", policy("builders", withAccount) + keys("account"));
        String image = withAccount.address() + "/builders/maven:3.9";
        Called without = verify(image, "with-account");
        assertThat(without.exitCode()).isEqualTo(3);
        assertThat(without.out().getFirst()).isEqualTo("Unresolved  Unauthorized");
        Called with = verify(image, "with-account", "--pull-secret", path("secret"));
        assertThat(with.exitCode()).isZero();

        file("cut-secret", "{\"auths\": {\"%s\": {\"auth\": \"%s\"".formatted(withAccount.address(), auth));
        Called cut = verify(image, "with-account", "--pull-secret", path("cut-secret"));
        assertThat(cut.exitCode()).isEqualTo(2);
        assertThat(cut.err()).contains("cut-secret");
        assertThat(with + cut.err()).doesNotContain(withAccount.password(), auth);
    }

    @Test
    void uselessEntriesOfAPullSecretDoNotAffectTheOthers() throws IOException {
        String account = withAccount.username() + ":" + withAccount.password();
        String auth = Base64.getEncoder().encodeToString(account.getBytes(StandardCharsets.UTF_8));
        String host = withAccount.address();
        file("with-account", policy("builders", withAccount) + keys("account"));
        String image = host + "/builders/maven:3.9";

        file("mixed", """
                {"auths": {"https://index.docker.io/v1/": {}, "%s": {"auth": "%s"}, "other.example.com": {"auth": "?"}},
                 "credsStore": "desktop"}""".formatted(host, auth));
        assertThat(verify(image, "with-account", "--pull-secret", path("mixed")).exitCode())
                .isZero();

        file("old.dockercfg", "{\"%s\": {\"auth\": \"%s\"}}".formatted(host, auth));
        assertThat(verify(image, "with-account", "--pull-secret", path("old.dockercfg"))
                        .exitCode())
                .isZero();

        file("useless", "{\"auths\": {\"%s\": {}}, \"credsStore\": \"desktop\"}".formatted(host));
        Called useless = verify(image, "with-account", "--pull-secret", path("useless"));
        assertThat(useless.exitCode()).isEqualTo(3);
        assertThat(useless.out().getFirst()).isEqualTo("Unresolved  Unauthorized");
        assertThat(useless.out().get(1))
                .contains("the entry " + host + " is not used: it has neither 'auth' nor a user name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "builders/maven:3.9",
                "docker.io/builders/maven:3.9",
                "index.docker.io/builders/maven:3.9",
                "registry-1.docker.io/builders/maven:3.9"
            })
    void everyNameOfDockerHubIsTheSameRegistry(String image) throws IOException {
        file("hub-registries", """
                "%s": {plainHttp: true, anyAddress: true}
                index.docker.io: {mirrors: ["%s"], mirrorsOnly: true}
                """.formatted(lab.address(), lab.address()));
        file("hub", policy("hub", "docker.io") + keys("keys"));

        Called called = run(image, "--registries", path("hub-registries"), "--policy", path("hub"));

        assertThat(called.out().getFirst()).matches("Accepted {2}docker.io/builders/maven@sha256:[0-9a-f]{64}");
        assertThat(called.exitCode()).isZero();
    }

    @Test
    void anImageThatNoPolicyMatchesIsNamedAsPoliciesSeeIt() {
        Called called = run("maven:3.9", "--policy", path("builders"));

        assertThat(called.out().getFirst()).isEqualTo("Rejected  NoMatchingPolicy");
        assertThat(called.out().get(1)).contains("no TrustPolicy matches docker.io/library/maven,");
    }

    @Test
    void policiesAreReadFromSeveralFilesAndFromAList() throws IOException {
        String list =
                "apiVersion: v1\nkind: List\nitems:\n- " + builders.indent(2).strip() + "\n";
        file("list", list);
        file("keys.yaml", keys("keys"));
        Called called = verify(lab.address() + "/builders/maven:3.9", "list", "--policy", path("keys.yaml"));
        assertThat(called.err()).isEmpty();
        assertThat(called.exitCode()).isZero();
    }
}
