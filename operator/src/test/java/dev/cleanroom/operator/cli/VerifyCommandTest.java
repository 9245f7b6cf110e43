package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.operator.lab.LabRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The command as a person calls it, against a real registry with images that a real client signed. */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerifyCommandTest {
    private static final String POLICY = """
            apiVersion: cleanroom.dev/v1alpha1
            kind: TrustPolicy
            metadata: {name: %s}
            spec:
            """;

    private Path directory;
    private LabRegistry lab;
    private LabRegistry closed;
    private LabRegistry withAccount;
    private String builders;

    /** What a call printed, and how it ended. */
    private record Called(int exitCode, List<String> out, String err) {
        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(String.join("\n", out));
        }
    }

    @BeforeAll
    void start(@TempDir Path shared) throws IOException {
        directory = shared;
        lab = LabRegistry.start("--builders", directory.resolve("keys").toString());
        withAccount = LabRegistry.start(
                "--basic-auth", "--builders", directory.resolve("account").toString());
        closed = LabRegistry.start();
        closed.close();
        file(
                "registries",
                "\"%s\": {plainHttp: true, anyAddress: true}\n"
                        .repeat(3)
                        .formatted(lab.address(), withAccount.address(), closed.address()));
        builders = policy("builders", lab);
        file("builders", builders + keys("keys"));
    }

    @AfterAll
    void stop() {
        lab.close();
        withAccount.close();
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private String path(String name) {
        return file(name).toString();
    }

    private void file(String name, String content) throws IOException {
        Files.writeString(file(name), content);
    }

    /** About the builders of a registry, with a key that is in the ConfigMap {@code keys}. */
    private static String policy(String name, LabRegistry registry, String... more) {
        return POLICY.formatted(name)
                + """
                  images: ["%s/builders/**"]
                  authorities: [{name: release, key: {configMapRef: {name: keys, key: cosign.pub}}}]
                """.formatted(registry.address())
                + String.join("\n", more).indent(2);
    }

    private String keys(String folder) throws IOException {
        return """
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: keys, namespace: cleanroom-system}
                data:
                  cosign.pub: |
                """ + Files.readString(file(folder).resolve("cosign.pub")).indent(4);
    }

    private Called run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exitCode = new CommandLine(new VerifyCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Called(exitCode, out.toString().lines().toList(), err.toString());
    }

    /** @param image below the signed registry's builders, or a whole reference */
    private Called verify(String image, String policies, String... more) {
        String reference = image.contains("/") ? image : lab.address() + "/builders/" + image;
        List<String> arguments = new ArrayList<>(List.of(reference, "--registries", path("registries")));
        arguments.addAll(List.of("--policy", path(policies)));
        arguments.addAll(List.of(more));
        return run(arguments.toArray(String[]::new));
    }

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
        assertThat(called.out().get(1)).matches("sha256:[0-9a-f]{64}: policy builders: .+");
        assertThat(called.out().get(2)).isEqualTo("Cause and remedy of " + code + ": docs/verification.md");
        JsonNode json = verify(image, "builders", "-o", "json").json();
        assertThat(json.fieldNames()).toIterable().containsExactly("outcome", "reference", "code", "message");
        assertThat(json.path("outcome").asText()).isEqualTo("Rejected");
        assertThat(json.path("message").asText()).isEqualTo(called.out().get(1));
    }

    @Test
    void aRegistryThatIsDownDecidesNothing() throws IOException {
        file("down", policy("builders", closed) + keys("keys"));
        Called called = verify(closed.address() + "/builders/maven:3.9", "down");
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

    /** What to write wrong in the policy, and what is told; each would be refused, or told in its Ready condition. */
    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(
                        "key: cosign.pub",
                        "key: none.pub",
                        "spec.authorities[0].key.configMapRef: the operator's name"),
                arguments("authorities:", "threshold: 2\n  authorities:", "spec.threshold: must be at least 1"),
                arguments("authorities:", "threshold: two\n  authorities:", "not understood: spec.threshold: "),
                arguments("authorities:", "formats: []\n  authorities:", "spec.formats: names none"),
                arguments("images: [", "images: [] # [", "spec.images: authorities need images"),
                arguments("images:", "imagez:", "not understood: spec.imagez: "),
                arguments("images:", "\"im\\e[2J\\nages\":", "not understood: spec.im?[2J?ages: "),
                arguments("key: {", "kez: {", "not understood: spec.authorities[0].kez: "));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aPolicyThatCannotBeUsedIsToldWithItsField(String good, String bad, String told) throws IOException {
        assertThat(builders).contains(good);
        file("broken", builders.replace(good, bad) + keys("keys"));
        assertUnusable(verify("maven:3.9", "broken"), told);
    }

    @Test
    void aBrokenKeyIsToldWithWhereItIs() throws IOException {
        String key = "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: keys}, data: {cosign.pub: no key}}\n";
        file("broken-key", builders + key);
        assertUnusable(verify("maven:3.9", "broken-key"), "spec.authorities[0].key.configMapRef: KeyMalformed: ");
    }

    private static void assertUnusable(Called called, String told) {
        assertThat(called.exitCode()).isEqualTo(3);
        assertThat(called.err()).isEmpty();
        assertThat(called.out()).hasSize(3);
        assertThat(called.out().get(0)).isEqualTo("Unresolved  PolicyUnusable");
        assertThat(called.out().get(1)).startsWith("policy builders is about this image and cannot be used: " + told);
        assertThat(called.out().get(2)).isEqualTo("Cause and remedy of PolicyUnusable: docs/verification.md");
    }

    @Test
    void aPolicyThatCannotBeUsedIsToldBesideADecisionThatItDoesNotChange() throws IOException {
        String others = policy("others", closed).replace("cosign.pub", "none.pub");
        file("beside", others + "---\n" + builders + keys("keys"));
        Called called = verify("maven:3.9", "beside", "-o", "json");
        assertThat(called.exitCode()).isZero();
        assertThat(called.json().path("outcome").asText()).isEqualTo("Accepted");
        assertThat(called.err())
                .startsWith("policy others cannot be used: spec.authorities[0].key.configMapRef: ")
                .hasLineCount(1);
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{apiVersion: v1, kind: Secret, metadata: {name: a}}|v1 Secret a: only a TrustPolicy",
                "{apiVersion: cleanroom.dev/v9, kind: TrustPolicy, metadata: {name: a}}|cleanroom.dev/v9 TrustPolicy a: only",
                "{apiVersion: cleanroom.dev/v1alpha1, kind: TrustPolicy}|metadata.name is missing",
                "{apiVersion: cleanroom.dev/v1alpha1, kind: TrustPolicy, metadata: 1}|its metadata or data cannot be read",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: keys}}|v1 ConfigMap keys: is there twice",
                "{kind: ConfigMap, kind: ConfigMap}|line 1: found duplicate key kind",
                "{apiVersion: cleanroom.dev/v1alpha1, kind: TrustPolicy, metadata: {name: a}, spec: &s {images: [*s]}}|holds itself",
                "[]|no object",
                "{|not YAML",
            })
    void anythingElseInAPolicysFileIsAnErrorThatNamesIt(String document, String told) throws IOException {
        file("wrong", document);
        Called called = verify("maven:3.9", "builders", "--policy", path("wrong"));
        assertThat(called.exitCode()).isEqualTo(2);
        assertThat(called.out()).isEmpty();
        assertThat(called.err()).startsWith(file("wrong") + ": ").contains(told).hasLineCount(1);
    }

    @Test
    void aDeepFileIsRefused() throws IOException {
        file("deep", "kind: " + "[".repeat(100_000));
        Called called = verify("maven:3.9", "deep");
        assertThat(called.exitCode()).isEqualTo(2);
        assertThat(called.err()).contains("nested too deep").hasLineCount(1);
    }

    @Test
    void aWrongCallEndsWithTwo() throws IOException {
        file("only-keys", keys("keys"));
        file("no-hosts", "~");
        String image = lab.address() + "/builders/maven:3.9";
        for (List<String> arguments : List.of(
                List.of(image),
                List.of("--policy", path("builders")),
                List.of(image, image, "--policy", path("builders")),
                List.of(image, "--policy", path("none")),
                List.of(image, "--policy", directory.toString()),
                List.of(image, "--policy", path("only-keys")),
                List.of(image, "--policy", path("builders"), "--platform", "amd64"),
                List.of(image, "--policy", path("builders"), "-o", "yaml"),
                List.of(image, "--policy", path("builders"), "--pull-secret", path("none")),
                List.of(image, "--policy", path("builders"), "--registries", path("none")),
                List.of(image, "--policy", path("builders"), "--registries", path("no-hosts")))) {
            Called called = run(arguments.toArray(String[]::new));
            assertThat(called.exitCode()).as("%s", arguments).isEqualTo(2);
            assertThat(called.out()).isEmpty();
            assertThat(called.err()).isNotEmpty().doesNotContain("\tat ");
        }
    }
}
