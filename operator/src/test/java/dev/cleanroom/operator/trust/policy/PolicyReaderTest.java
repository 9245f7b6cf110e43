package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is wrong in a policy is told when it is read, with its field; and never takes another policy along. */
class PolicyReaderTest extends Judging {
    private static final String ROOT = "spec.authorities[0].keyless.trustRoot.configMapRef";

    private PolicyReader.ParsedPolicy read(TrustPolicy policy) {
        return PolicyReader.read(policy, configMaps());
    }

    private String problem(TrustPolicy policy) {
        assertThat(read(policy)).isInstanceOf(PolicyReader.ParsedPolicy.Broken.class);
        return ((PolicyReader.ParsedPolicy.Broken) read(policy)).unusable().message();
    }

    private static String keyIn(String configMap) {
        return "{name: release, key: {configMapRef: {name: " + configMap + ", key: cosign.pub}}}";
    }

    /** The problem with a trust root that was changed. */
    private String problem(Consumer<ObjectNode> change) {
        ObjectNode json = sigstore.trustRootJson();
        change.accept(json);
        trustRoot = json.toString();
        return problem(policy(ci()));
    }

    private static Consumer<ObjectNode> without(String... fields) {
        return root -> List.of(fields).forEach(field -> ((ArrayNode) root.path(field)).removeAll());
    }

    @Test
    void keyThatIsNone() {
        assertThat(problem(policy("{name: release, key: {pem: \"-----BEGIN PUBLIC KEY-----\"}}")))
                .startsWith("spec.authorities[0].key.pem: KeyMalformed: ");
        assertThat(problem(policy(byKey("release", release) + ", " + byKey("weak", PrivateSigstore.rsa(1024)))))
                .startsWith("spec.authorities[1].key.pem: KeyUnsupported: ");
    }

    @Test
    void keyInAConfigMap() {
        assertThat(problem(policy(keyIn("missing"))))
                .startsWith("spec.authorities[0].key.configMapRef: ")
                .contains(
                        "no ConfigMap missing with a key cosign.pub",
                        "kubectl create configmap missing -n NAMESPACE --from-file");
        assertThat(problem(policy(keyIn("root")))).startsWith("spec.authorities[0].key.configMapRef: KeyMalformed: ");
        trustRoot = "\n" + pem(release) + "\n\n";
        assertThat(read(policy(keyIn("root")))).isInstanceOf(PolicyReader.ParsedPolicy.Usable.class);
    }

    @ParameterizedTest
    @CsvSource({
        "'issuer: x, subjectPattern: \"[\"',  spec.authorities[0].keyless.identities[0].subjectPattern: PatternInvalid",
        "'issuerPattern: \"(\", subject: x',  spec.authorities[0].keyless.identities[0].issuerPattern: PatternInvalid",
        "'issuerPattern: \"(?=x)\", subject: x', spec.authorities[0].keyless.identities[0].issuerPattern: PatternInvalid",
        "'issuer: x',                         spec.authorities[0].keyless.identities[0].subject: PatternInvalid",
        "'issuer: x, subject: \"\"',          spec.authorities[0].keyless.identities[0].subject: PatternInvalid",
        "'subject: x',                        spec.authorities[0].keyless.identities[0].issuer: PatternInvalid"
    })
    void identityThatIsNone(String identity, String problem) {
        assertThat(problem(policy("{name: ci, keyless: {identities: [{" + identity
                        + "}], trustRoot: {configMapRef: {name: root, key: trusted_root.json}}}}")))
                .startsWith(problem + ": ");
    }

    @Test
    void noIdentityIsNobody() {
        assertThat(problem(policy(
                        "{name: ci, keyless: {identities: [], trustRoot: {configMapRef: {name: root, key: r}}}}")))
                .startsWith("spec.authorities[0].keyless.identities: ");
    }

    @Test
    void trustRootThatCannotBeRead() {
        assertThat(problem(policy(ci().replace("name: root", "name: missing"))))
                .startsWith(ROOT + ": the operator's namespace has no ConfigMap missing");
        assertThat(problem(root -> root.put("mediaType", "x"))).startsWith(ROOT + ": TrustRootMalformed: ");
        trustRoot = "{";
        assertThat(problem(policy(ci()))).startsWith(ROOT + ": TrustRootMalformed: ");
        trustRoot = " ".repeat(2 << 20);
        assertThat(problem(policy(ci()))).startsWith(ROOT + ": TrustRootTooLarge: ");
    }

    @Test
    void trustRootThatNoSignatureWouldEverHoldBy() {
        assertThat(problem(without("tlogs", "timestampAuthorities")))
                .startsWith(ROOT + ": ")
                .contains("neither a transparency log nor a timestamp authority");
        assertThat(problem(without("certificateAuthorities"))).contains("no certificate authority");
        assertThat(problem(without("ctlogs"))).contains("no certificate transparency log");
        trustRoot = root(without("tlogs")).toString();
        assertThat(read(policy(ci()))).isInstanceOf(PolicyReader.ParsedPolicy.Usable.class);
        trustRoot = root(without("timestampAuthorities")).toString();
        assertThat(read(policy(ci()))).isInstanceOf(PolicyReader.ParsedPolicy.Usable.class);
    }

    private ObjectNode root(Consumer<ObjectNode> change) {
        ObjectNode json = sigstore.trustRootJson();
        change.accept(json);
        return json;
    }

    /** Else signatures would need no log because its key is of a kind that this version does not know. */
    @Test
    void trustRootWhoseLogsCannotBeUsed() {
        assertThat(problem(root -> root.path("tlogs")
                        .forEach(log -> ((ObjectNode) log.path("publicKey"))
                                .put("rawBytes", PrivateSigstore.base64(new byte[] {1})))))
                .startsWith(ROOT + ": TrustRootMalformed: ")
                .contains("tlogs");
    }

    @ParameterizedTest
    @CsvSource({
        "predicate.a ==,  cannot be used as a CEL expression of type bool",
        "1 + 1,           cannot be used as a CEL expression of type bool",
        "image == 'x',    cannot be used as a CEL expression of type bool"
    })
    void expressionThatIsNone(String cel, String problem) {
        assertThat(problem(policy(
                        byKey("release", release),
                        "attestations: [{name: sbom, predicateType: x}, {name: two, predicateType: y, cel: \"" + cel
                                + "\"}]")))
                .startsWith("spec.attestations[1].cel: " + problem)
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "predicate.id.matches(\"(((a{100}){100}){100}){10}\")  | more than 2000 parts",
                "predicate.id.matches(\"(?i)[\u1c80]\")               | only ASCII characters",
                "[\"ab\"].map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x)"
                        + ".map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x)"
                        + ".map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x).map(x,x+x).size() == 1"
                        + "| with an empty predicate, it takes more than 500000 steps"
            })
    void expressionThatIsTooMuch(String cel, String problem) {
        assertThat(problem(policy(
                        byKey("release", release), "attestations: [{name: a, predicateType: x, cel: '" + cel + "'}]")))
                .startsWith("spec.attestations[0].cel: ")
                .contains(problem)
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(?:(?:a{1,1000}){1,1000}){1,1000} | more than 2000 parts",
                "(?i)\u1c80                         | only ASCII characters"
            })
    void patternThatIsTooMuch(String pattern, String problem) {
        assertThat(problem(policy(byIdentity("ci", "subjectPattern: '" + pattern + "'"))))
                .startsWith("spec.authorities[0].keyless.identities[0].subjectPattern: PatternInvalid: ")
                .contains(problem);
    }

    /** Each is within its limit; together they would take too much memory. */
    @Test
    void patternsThatAreTooMuchTogether() {
        String identities = Stream.generate(() -> "{issuerPattern: 'a{990}', subjectPattern: 'b{990}'}")
                .limit(16)
                .collect(Collectors.joining(", "));
        String authorities = IntStream.range(0, 3)
                .mapToObj(i -> "{name: a" + i + ", keyless: {identities: [" + identities
                        + "], trustRoot: {configMapRef: {name: root, key: r}}}}")
                .collect(Collectors.joining(", "));
        assertThat(problem(policy(authorities)))
                .startsWith("spec.authorities[1].keyless.identities[9].")
                .contains("together more than 50000 parts");
    }

    @Test
    void imagePatternThatIsTooLong() {
        TrustPolicy policy = Policies.named(
                "long", "images: ['a.example/" + "*/".repeat(200) + "b']\nauthorities: [" + byKey("k", release) + "]");
        assertThat(problem(policy)).isEqualTo("spec.images[0]: must have at most 256 characters");
        assertThat(set(policy).unusableMatching(MAVEN))
                .as("it may match any image")
                .isPresent();
    }

    @Test
    void ageThatNobodyWouldKnow() {
        String sbom = "attestations: [{name: sbom, predicateType: x, maxAge: 24h%s}]";
        assertThat(problem(policy(byKey("release", release), sbom.formatted(""))))
                .startsWith("spec.attestations[0].maxAge: the age of attestation sbom can never be known");
        assertThat(problem(policy(byKey("release", release) + ", " + ci(), sbom.formatted(", authorities: [release]"))))
                .startsWith("spec.attestations[0].maxAge: the age of attestation sbom");
        assertThat(read(policy(byKey("release", release) + ", " + ci(), sbom.formatted(""))))
                .as("the other authority can")
                .isInstanceOf(PolicyReader.ParsedPolicy.Usable.class);
    }

    @Test
    void attestationByNobody() {
        assertThat(problem(policy(
                        byKey("release", release),
                        "attestations: [{name: sbom, predicateType: x, authorities: [ci]}]")))
                .startsWith("spec.attestations[0].authorities: ");
    }

    @Test
    void thresholdThatNobodyMeetsOrEverybody() {
        assertThat(problem(policy(byKey("release", release), "threshold: 2"))).startsWith("spec.threshold: ");
        assertThat(problem(policy(byKey("release", release), "threshold: 0")))
                .startsWith("spec.threshold: is 0, and without attestations the policy would require nothing");
        assertThat(problem(policy(byKey("release", release), "formats: []"))).startsWith("spec.formats: ");
    }

    /** The schema refuses these; but what was stored before it did is read all the same. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "authorities: [null]",
                "authorities: [{name: a}]",
                "authorities: [{name: a, keyless: {}}]",
                "authorities: [{name: a, keyless: {identities: [null]}}]",
                "attestations: [{name: a, predicateType: x, maxAge: soon}]",
                "images: [null]",
                "deny: {digests: [null]}"
            })
    void whatTheSchemaRefusesIsNoException(String field) {
        String rest = field.startsWith("authorities") ? "" : "authorities: [" + byKey("release", release) + "]\n";
        TrustPolicy policy = Policies.named("old", (field.startsWith("images") ? "" : IMAGES) + rest + field + "\n");
        assertThat(problem(policy)).isNotBlank().doesNotContain("\n");
        assertThat(set(policy).unusableMatching(MAVEN)).isPresent();
        assertThat(set(policy, policy(byKey("release", release))).usable()).hasSize(1);
    }

    @Test
    void whatCannotBeUnderstoodMayBeAboutAnyImage() {
        TrustPolicy policy = policy(byKey("release", release));
        policy.markUnreadable("spec.authorities[0].kms: unknown");
        assertThat(problem(policy)).contains("spec.authorities[0].kms", "correct the field");
        policy.setSpec(null);
        assertThat(set(policy).unusableMatching(MAVEN)).isPresent();
        assertThat(set(policy).matching(MAVEN)).isEmpty();
    }

    @Test
    void aBrokenOneStillDeniesAndStopsOnlyItsOwnImages() {
        String digest = "sha256:" + "0".repeat(64);
        TrustPolicy broken = Policies.named(
                "broken",
                "images: [\"registry.example.com/other/**\"]\nauthorities: [{name: a, key: {pem: x}}]\n"
                        + "deny: {digests: [\"" + digest + "\"]}\n");
        PolicySet set = set(broken, policy(byKey("release", release)));
        assertThat(set.unusableMatching(MAVEN)).isEmpty();
        assertThat(set.matching(MAVEN)).hasSize(1);
        assertThat(set.denials().digests().get(digest).policy()).isEqualTo("broken");
    }

    @Test
    void oneWithoutAuthoritiesIsAboutNothing() {
        TrustPolicy denies = Policies.named("denied", "deny: {digests: []}\n");
        assertThat(set(denies).matching(MAVEN)).isEmpty();
        assertThat(set(denies).unusableMatching(MAVEN)).isEmpty();
    }

    @Test
    void theRootInUseIsTold() {
        PolicyReader.ParsedPolicy.Usable usable = (PolicyReader.ParsedPolicy.Usable) read(policy(ci()));
        assertThat(usable.trustRoots())
                .singleElement()
                .satisfies(root -> assertThat(root.authority()).isEqualTo("ci"))
                .satisfies(root -> assertThat(root.digest()).matches("sha256:[0-9a-f]{64}"));
        assertThat(Optional.of(
                        usable.policy().authorities().getFirst().witnesses().logs()))
                .contains(1);
    }
}
