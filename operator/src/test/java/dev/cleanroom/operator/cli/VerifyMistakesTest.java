package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Mistakes in a policy's file, and in the call. */
class VerifyMistakesTest extends VerifyCalls {
    /** What to write wrong in the policy, and what is told; each would be refused, or told in its Ready condition. */
    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(
                        "key: cosign.pub",
                        "key: none.pub",
                        "spec.authorities[0].key.configMapRef: the operator's name"),
                arguments("authorities:", "threshold: 2\n  authorities:", "spec.threshold: must be at least 0"),
                arguments("authorities:", "threshold: two\n  authorities:", "it cannot be parsed: spec.threshold: "),
                arguments("authorities:", "formats: []\n  authorities:", "spec.formats: is empty"),
                arguments("images: [", "images: [] # [", "spec.images: is empty"),
                arguments("images:", "imagez:", "it cannot be parsed: spec.imagez: "),
                arguments("images:", "\"im\\e[2J\\nages\":", "it cannot be parsed: spec.im?[2J?ages: "),
                arguments(
                        "authorities:",
                        "attestations: [{name: a, predicateType: x, cel: 'predicate.id.matches(\"((a{999}){999}){999}\")'}]"
                                + "\n  authorities:",
                        "spec.attestations[0].cel: cannot be used as a CEL expression of type bool: in a pattern of"
                                + " matches: the regular expression has more than 2000 parts"),
                arguments(
                        "authorities:",
                        "attestations: [{name: a, predicateType: x, cel: '[\"aaaaaaaa\"]" + ".map(x, x + x)".repeat(26)
                                + ".size() == 1'}]\n  authorities:",
                        "spec.attestations[0].cel: cannot be used as a CEL expression of type bool: with an empty"
                                + " predicate, it takes more than 500000 steps"),
                arguments("key: {", "kez: {", "it cannot be parsed: spec.authorities[0].kez: "));
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
        assertThat(called.out().get(1)).startsWith("policy builders matches this image and cannot be used: " + told);
        assertThat(called.out().get(2)).isEqualTo("Cause and remedy of PolicyUnusable: docs/verification.md");
    }

    @Test
    void aPolicyThatCannotBeUsedIsToldBesideADecisionThatItDoesNotChange() throws IOException {
        String others = policy("others", closed.host()).replace("cosign.pub", "none.pub");
        file("beside", others + "---\n" + builders + keys("keys"));
        Called called = verify("maven:3.9", "beside", "-o", "json");
        assertThat(called.exitCode()).isZero();
        assertThat(called.json().path("outcome").asText()).isEqualTo("Accepted");
        assertThat(called.err())
                .startsWith("policy others cannot be used: spec.authorities[0].key.configMapRef: ")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{apiVersion: v1, kind: Secret, metadata: {name: a}}|v1 Secret a: a file may contain only TrustPolicies",
                "{apiVersion: cleanroom.dev/v9, kind: TrustPolicy, metadata: {name: a}}|cleanroom.dev/v9 TrustPolicy a: a file may contain only",
                "{apiVersion: cleanroom.dev/v1alpha1, kind: TrustPolicy}|metadata.name is missing",
                "{apiVersion: cleanroom.dev/v1alpha1, kind: TrustPolicy, metadata: 1}|its metadata or data cannot be read",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: keys}}|v1 ConfigMap keys: the files contain it twice",
                "{kind: ConfigMap, kind: ConfigMap}|line 1: found duplicate key kind",
                "{apiVersion: cleanroom.dev/v1alpha1, kind: TrustPolicy, metadata: {name: a}, spec: &s {images: [*s]}}|contains itself",
                "[]|not an object",
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
        assertThat(called.err()).contains("nested too deeply").hasLineCount(1);
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
