package dev.cleanroom.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleanroom.api.schema.Durations;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.containment.Flip;
import dev.cleanroom.operator.kube.WrittenObjects;
import dev.cleanroom.operator.trust.policy.ImagePattern;
import dev.cleanroom.operator.trust.registry.ImageReference;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import dev.cleanroom.operator.trust.sigstore.Json;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import dev.cleanroom.operator.trust.sigstore.Refusal;
import dev.cleanroom.operator.trust.sigstore.RejectionCode;
import dev.cleanroom.operator.trust.sigstore.TrustRoot;
import dev.cleanroom.operator.trust.sigstore.VerificationKey;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Texts that users write and that are parsed or expanded: one that is over its limit, and an unpleasant one within it.
 * docs/limits.md has the table. Those with many members have tests of their own, such as {@code RegularExpressionTest}
 * and {@code EvaluationLimitsTest}.
 */
class UserTextLimitsTest {
    private static BuildEnvironment environment(String spec) {
        String yaml =
                "{apiVersion: cleanroom.dev/v1alpha1, kind: BuildEnvironment, metadata: {name: e}, spec: {image: a.example/b:1, command: [a], "
                        + spec + "}}";
        return new WrittenObjects()
                .read(yaml.getBytes(StandardCharsets.UTF_8))
                .getFirst()
                .as(BuildEnvironment.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e99999999999",
                "1e2147483647",
                "1e",
                "-",
                "1Zi",
                "99999999999999999999999999999999999999999999999999Ei3"
            })
    void aQuantityThatIsNone(String quantity) {
        assertThat(environment("workspace: {size: '" + quantity + "'}").unreadable())
                .contains("spec.workspace.size", "not a quantity");
    }

    @Test
    void aQuantityHasFewDigits() {
        for (String digits : new String[] {"9".repeat(1_000_000), "0." + "0".repeat(1_000_000) + "1", "9".repeat(65)}) {
            assertThat(environment("workspace: {size: '" + digits + "'}").unreadable())
                    .contains("spec.workspace.size", "a quantity has at most 64 characters");
        }
        for (String within : new String[] {"9".repeat(64), "1e999999999", "1e-999999999"}) {
            BuildEnvironment environment = environment("workspace: {size: '" + within + "'}");
            assertThat(environment.unreadable()).isNull();
            assertThat(environment.getSpec().workspace().size().compareTo(new Quantity("2Gi")))
                    .isNotZero();
        }
    }

    @Test
    void aDurationHasThreePartsOfFiveDigits() {
        for (String none :
                new String[] {"1h".repeat(500_000), "9".repeat(1_000_000) + "h", "100000h", "1h1m1s1h", ""}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Durations.parse(none));
            assertThat(environment("maxLifetime: '" + none + "'").unreadable()).contains("spec.maxLifetime");
        }
        assertThat(Durations.parse("99999h99999h99999h")).isEqualTo(Duration.ofHours(299_997));
    }

    @Test
    void anImagePatternOfStarsMatchesInLinearTime() {
        ImagePattern stars = ImagePattern.of("a.example/" + "*a".repeat(120));
        ImagePattern parts = ImagePattern.of("a.example/" + "**/".repeat(80) + "b");
        for (String name : new String[] {"a".repeat(240), "a/".repeat(120) + "b", "a-".repeat(120) + "a"}) {
            if (ImageReference.parse("a.example/" + name)
                    instanceof RegistryAnswer.Found<ImageReference>(ImageReference reference)) {
                assertThat(stars.matches(reference.repository()))
                        .isEqualTo(name.chars().filter(c -> c == 'a').count() >= 120 && !name.contains("/"));
                assertThat(parts.matches(reference.repository())).isEqualTo(name.contains("/"));
            }
        }
    }

    @Test
    void aReferenceHasFewCharacters() {
        for (String none : new String[] {
            "a.example/" + "a/".repeat(500_000) + "b",
            "a.example/" + "a-".repeat(122) + "!",
            "a.example/" + "a".repeat(300),
            "a.example/a:" + "t".repeat(129),
            "[" + "1:".repeat(120) + "]/a"
        }) {
            assertThat(ImageReference.parse(none)).isInstanceOf(RegistryAnswer.Failed.class);
        }
        assertThat(ImageReference.parse("a.example/" + "a-".repeat(120) + "a"))
                .isInstanceOf(RegistryAnswer.Found.class);
    }

    @Test
    void aKeyHasFewCharactersAndNoDepth() {
        String[] bodies = {
            "A".repeat(1_000_000),
            " \n".repeat(1_500) + "A",
            PrivateSigstore.base64(nested(600)),
            "=".repeat(2_000),
            "-----END PUBLIC KEY-----".repeat(100)
        };
        for (String body : bodies) {
            assertThatThrownBy(() -> VerificationKey.fromPem(
                            "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----"))
                    .isInstanceOf(Refusal.class)
                    .message()
                    .hasSizeLessThan(500);
        }
    }

    /** Lists in lists without a length, in DER. */
    private static byte[] nested(int levels) {
        byte[] der = new byte[4 * levels];
        for (int i = 0; i < levels; i++) {
            der[2 * i] = 0x30;
            der[2 * i + 1] = (byte) 0x80;
        }
        return der;
    }

    @Test
    void aTrustRootHasFewBytes() {
        for (String root : new String[] {
            " ".repeat(TrustRoot.MAX_BYTES + 1),
            "[".repeat(500_000),
            "{\"tlogs\":[" + "{},".repeat(200_000) + "{}]}",
            "{\"certificateAuthorities\":[{\"certChain\":{\"certificates\":[{\"rawBytes\":\""
                    + PrivateSigstore.base64(nested(15_000)) + "\"}]}}]}"
        }) {
            assertThatThrownBy(() -> TrustRoot.parse(root.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(Refusal.class);
        }
    }

    private static String sbom(int components) {
        return IntStream.range(0, components)
                .mapToObj(i -> "{\"name\":\"component-" + i + "\",\"version\":\"1." + i
                        + "\",\"purl\":\"pkg:maven/a/b\",\"licenses\":[{\"license\":{\"id\":\"MIT\"}}]}")
                .collect(Collectors.joining(",", "{\"components\":[", "]}"));
    }

    private static void parse(String json) throws Refusal {
        Json.parse(
                json.getBytes(StandardCharsets.UTF_8),
                "statement",
                message -> Refusal.rejected(RejectionCode.StatementMalformed, message));
    }

    @Test
    void jsonHasFewTokens() throws Refusal {
        parse(sbom(12_000));
        for (String none : new String[] {
            sbom(60_000),
            "{\"a\":" + "[".repeat(101) + "]".repeat(101) + "}",
            "{\"a\":[" + "0,".repeat(1_000_000) + "0]}",
            "{\"a\":" + "9".repeat(2_000) + "}"
        }) {
            assertThatThrownBy(() -> parse(none))
                    .isInstanceOf(Refusal.class)
                    .message()
                    .hasSizeLessThan(500);
        }
    }

    @Test
    void theReasonOfAQuarantineIsCut() {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace("n")
                .withName("e-0-1")
                .withUid("u")
                .endMetadata()
                .build();
        assertThat(Flip.quarantine(pod, "x".repeat(262_144), "test").operations().stream()
                        .map(operation -> String.valueOf(operation.value()))
                        .filter(value -> value.contains("xxx")))
                .singleElement()
                .asString()
                .hasSize(1_024);
    }

    /** An alias stands for its content: nine levels of nine would be 400 million texts. */
    @Test
    void yamlIsNotExpanded() {
        StringBuilder laughs = new StringBuilder("a0: &a0 [x]\n");
        for (int level = 1; level < 60; level++) {
            String alias = "*a" + (level - 1);
            laughs.append("a%d: &a%d [%s]\n".formatted(level, level, String.join(",", alias, alias, alias, alias)));
        }
        for (String none : new String[] {
            laughs.toString(), "[".repeat(100_000), "a: " + "x".repeat(WrittenObjects.MOST_BYTES), "{a: ".repeat(50_000)
        }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new WrittenObjects().read(none.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
