package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.SIGNED;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.START;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.Expectation.Witnesses;
import dev.cleanroom.operator.trust.sigstore.Identity.TextMatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.cert.CertificateEncodingException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;

/**
 * Attacks on what a signature says, and the code each is refused with: docs/trust-attacks.md has the list. The attacker
 * holds whatever the attack says, and signs again what was changed, so that nothing but the attack is wrong.
 */
class AttacksTest {
    private static final String V1 = "https://in-toto.io/Statement/v1";
    private static final String SIGN = Purpose.ImageSignature.PREDICATE_TYPE;
    private static final String OTHER = "0".repeat(64);
    private static final String ENTRY = "/verificationMaterial/tlogEntries/0";

    private final PrivateSigstore sigstore = new PrivateSigstore();

    private Signing with(Consumer<Signing> attack) {
        var signing = new Signing(sigstore);
        attack.accept(signing);
        return signing;
    }

    private String code(Consumer<Signing> attack) {
        return new Verifying(sigstore).code(with(attack));
    }

    /** A statement with these subjects. */
    private String subjects(String subjects) {
        return code(signing -> signing.payload = Signing.statement(V1, subjects, SIGN, "{}"));
    }

    private String payload(String payload) {
        return code(signing -> signing.payload = payload.getBytes(StandardCharsets.UTF_8));
    }

    private String tampered(Consumer<Signing> attack, Consumer<ObjectNode> tampering) {
        Signing signing = with(attack);
        ObjectNode bundle = signing.bundle();
        tampering.accept(bundle);
        return new Verifying(sigstore).code(signing, bundle);
    }

    private static ObjectNode at(ObjectNode bundle, String pointer) {
        return (ObjectNode) bundle.at(pointer);
    }

    private static void right(Signing signing) {}

    private static void v2(Signing signing) {
        signing.log = Signing.Log.V2;
        signing.stamped = true;
    }

    @Test
    void a1BundleOfAnotherImage() {
        assertThat(subjects("[{\"digest\":{\"sha256\":\"" + OTHER + "\"}}]")).isEqualTo("SubjectMismatch");
        var message = with(signing -> signing.message = true);
        var bundle = message.bundle();
        var elsewhere = new BundleVerifier(Optional.of(sigstore.trustRoot()), Clock.fixed(SIGNED, ZoneOffset.UTC))
                .verify(Signing.bytes(bundle), Artifact.ofDigest("sha256:" + OTHER), Verifying.expected(message));
        assertThat(Verifying.code(elsewhere)).isEqualTo("MessageDigestMismatch");
    }

    @Test
    void a3OtherDigestsDoNotCount() {
        assertThat(subjects("[{\"digest\":{\"sha512\":\"" + Signing.IMAGE.hex() + "\",\"sha1\":\"\"}}]"))
                .isEqualTo("SubjectMismatch");
    }

    @Test
    void a4NoSubject() {
        assertThat(subjects("[]")).isEqualTo("SubjectMismatch");
        assertThat(subjects("null")).isEqualTo("SubjectMismatch");
    }

    @Test
    void a5OursIsTheLastSubject() {
        assertThat(subjects("[{\"digest\":{\"sha256\":\"" + OTHER + "\"}},{\"digest\":{\"sha256\":\""
                        + Signing.IMAGE.hex() + "\"}}]"))
                .isEqualTo("Accepted");
    }

    @Test
    void a6DigestInAnotherSpelling() {
        String ours = Signing.IMAGE.hex();
        for (String spelled :
                List.of(ours.toUpperCase(Locale.ROOT), ours.substring(1), "sha256:" + ours, ours + "0", " " + ours)) {
            assertThat(subjects("[{\"digest\":{\"sha256\":\"" + spelled + "\"}}]"))
                    .as(spelled)
                    .isEqualTo("SubjectMismatch");
        }
    }

    @Test
    void a10NamesTwiceAndTrailingData() {
        String right = new String(Signing.statement(V1, Signing.IMAGE.hex(), SIGN), StandardCharsets.UTF_8);
        assertThat(payload(right + "{}")).isEqualTo("StatementMalformed");
        assertThat(payload(right.replaceFirst("\\{", "{\"_type\":\"other\","))).isEqualTo("StatementMalformed");
        assertThat(payload(right.replace("\"predicate\":{}", "\"predicate\":{\"a\":1,\"a\":2}")))
                .isEqualTo("StatementMalformed");
        assertThat(payload("[".repeat(Json.MAX_DEPTH + 1) + "]".repeat(Json.MAX_DEPTH + 1)))
                .isEqualTo("StatementMalformed");
        assertThat(code(signing -> signing.payload = new byte[] {'{', (byte) 0xff, '}'}))
                .isEqualTo("StatementMalformed");
    }

    @Test
    void b1AttestationAsSignature() {
        for (String type : List.of(
                "https://cosign.sigstore.dev/attestation/vuln/v1", "https://slsa.dev/provenance/v1", SIGN + "/", "")) {
            assertThat(code(signing -> signing.payload = Signing.statement(V1, Signing.IMAGE.hex(), type)))
                    .as(type)
                    .isEqualTo("PredicateTypeUnexpected");
        }
    }

    @Test
    void b2SignatureOverTheManifest() {
        Signing signing = with(message -> message.message = true);
        var expected = new Expectation(Verifying.keyless(), new Purpose.ImageSignature(), Witnesses.ONE_LOG);
        assertThat(new Verifying(sigstore).code(Signing.bytes(signing.bundle()), expected))
                .isEqualTo("MessageSignatureNotAllowed");
    }

    @Test
    void b3PayloadOfAnotherType() {
        assertThat(code(signing -> signing.payloadType = "application/json")).isEqualTo("PayloadTypeUnexpected");
    }

    @Test
    void b4UnknownStatement() {
        assertThat(code(signing -> signing.payload =
                        Signing.statement("https://in-toto.io/Statement/v2", Signing.IMAGE.hex(), SIGN)))
                .isEqualTo("StatementTypeUnknown");
    }

    @Test
    void b5SignatureAsAttestation() {
        var expected = new Expectation(
                Verifying.keyless(), new Purpose.Attestation("https://slsa.dev/provenance/v1"), Witnesses.ONE_LOG);
        assertThat(new Verifying(sigstore)
                        .code(Signing.bytes(with(AttacksTest::right).bundle()), expected))
                .isEqualTo("PredicateTypeUnexpected");
    }

    @Test
    void b6PredicateThatIsNone() {
        assertThat(code(signing -> signing.payload = Signing.statement(
                        V1, "[{\"digest\":{\"sha256\":\"" + Signing.IMAGE.hex() + "\"}}]", SIGN, "\"text\"")))
                .isEqualTo("StatementMalformed");
    }

    @Test
    void c1NoneOrTwoSignatures() {
        assertThat(tampered(
                        AttacksTest::right, bundle -> ((ArrayNode) bundle.at("/dsseEnvelope/signatures")).removeAll()))
                .isEqualTo("SignatureCountWrong");
        assertThat(tampered(
                        AttacksTest::right,
                        bundle -> ((ArrayNode) bundle.at("/dsseEnvelope/signatures"))
                                .add(bundle.at("/dsseEnvelope/signatures/0").deepCopy())))
                .isEqualTo("SignatureCountWrong");
    }

    @Test
    void c2EncodingCountsBytes() {
        assertThat(code(signing -> signing.payload = Signing.statement(
                        V1,
                        "[{\"name\":\"\u00e9\u4e2d\",\"digest\":{\"sha256\":\"" + Signing.IMAGE.hex() + "\"}}]",
                        SIGN,
                        "{}")))
                .isEqualTo("Accepted");
        assertThat(code(signing -> signing.signed = ignored -> new SignedContent.Envelope(
                                signing.payloadType,
                                base64(signing.payload).getBytes(StandardCharsets.US_ASCII),
                                new byte[0])
                        .encoded()))
                .as("base64 was signed")
                .isEqualTo("SignatureInvalid");
        assertThat(code(signing -> signing.signed = ignored -> signing.payload))
                .as("the bare payload was signed")
                .isEqualTo("SignatureInvalid");
    }

    @Test
    void c3WrongKeyWithTheRightHint() {
        Signing signing = with(by -> by.byKey = true);
        var expected = new Expectation(
                new SignedBy.Key(
                        VerificationKey.of(PrivateSigstore.ec("secp256r1").getPublic())
                                .orElseThrow()),
                new Purpose.ImageSignature(),
                Witnesses.ONE_LOG);
        assertThat(new Verifying(sigstore).code(Signing.bytes(signing.bundle()), expected))
                .isEqualTo("SignatureInvalid");
    }

    @Test
    void c3CertificateWhereAKeyIsExpected() {
        Signing signing = with(AttacksTest::right);
        var expected = new Expectation(
                new SignedBy.Key(VerificationKey.of(signing.key.getPublic()).orElseThrow()),
                new Purpose.ImageSignature(),
                Witnesses.ONE_LOG);
        assertThat(new Verifying(sigstore).code(Signing.bytes(signing.bundle()), expected))
                .isEqualTo("CertificateUnexpected");
        assertThat(new Verifying(sigstore)
                        .code(
                                Signing.bytes(with(by -> by.byKey = true).bundle()),
                                new Expectation(Verifying.keyless(), new Purpose.ImageSignature(), Witnesses.ONE_LOG)))
                .isEqualTo("CertificateMissing");
    }

    @Test
    void c4EveryKindOfKeyThatIsSupported() throws Refusal {
        for (var key : List.of(
                PrivateSigstore.ec("secp256r1"),
                PrivateSigstore.ec("secp384r1"),
                PrivateSigstore.ec("secp521r1"),
                PrivateSigstore.generate("Ed25519"),
                PrivateSigstore.rsa(2048))) {
            Signing signing = with(by -> {
                by.byKey = true;
                by.key = key;
            });
            assertThat(new Verifying(sigstore).code(signing)).isEqualTo("Accepted");
            assertThat(VerificationKey.fromPem(PrivateSigstore.pem(
                                    "PUBLIC KEY", key.getPublic().getEncoded()))
                            .fingerprint())
                    .hasSize(64);
        }
    }

    @Test
    void c4KeysThatAreNot() {
        assertThat(key(PrivateSigstore.rsa(1024).getPublic().getEncoded())).isEqualTo("KeyUnsupported");
        assertThat(key(PrivateSigstore.generate("Ed448").getPublic().getEncoded()))
                .isEqualTo("KeyUnsupported");
        assertThat(key(new byte[] {1})).isEqualTo("KeyMalformed");
        assertThat(pem("-----BEGIN PUBLIC KEY-----")).isEqualTo("KeyMalformed");
        assertThat(pem("A".repeat(VerificationKey.MAX_PEM_BYTES + 1))).isEqualTo("KeyMalformed");
        Signing signing = with(by -> by.key = PrivateSigstore.rsa(1024));
        assertThat(new Verifying(sigstore).code(signing)).isEqualTo("AlgorithmUnsupported");
    }

    private static String key(byte[] der) {
        return pem(PrivateSigstore.pem("PUBLIC KEY", der));
    }

    private static String pem(String pem) {
        return Verifying.code(Refusal.toVerdict(() -> {
            VerificationKey.fromPem(pem);
            throw new IllegalStateException("accepted");
        }));
    }

    @Test
    void c5SignaturesInAnotherForm() {
        for (int extra : List.of(1, VerificationKey.MAX_SIGNATURE_BYTES)) {
            assertThat(tampered(AttacksTest::right, bundle -> {
                        ObjectNode signature = at(bundle, "/dsseEnvelope/signatures/0");
                        byte[] bytes =
                                Base64.getDecoder().decode(signature.path("sig").asText());
                        signature.put("sig", base64(Arrays.copyOf(bytes, bytes.length + extra)));
                    }))
                    .isEqualTo("SignatureInvalid");
        }
    }

    @Test
    void c6CertificatesThatAreNotForThis() {
        assertThat(code(signing -> signing.usages = List.of(KeyPurposeId.id_kp_serverAuth)))
                .isEqualTo("CertificateNotForCodeSigning");
        assertThat(code(signing -> signing.usages = List.of(KeyPurposeId.anyExtendedKeyUsage)))
                .isEqualTo("CertificateNotForCodeSigning");
        assertThat(code(signing -> signing.usages = List.of())).isEqualTo("CertificateNotForCodeSigning");
        assertThat(code(signing -> signing.keyUsage = KeyUsage.keyEncipherment))
                .isEqualTo("CertificateNotForCodeSigning");
        assertThat(code(signing -> signing.authority = true)).isEqualTo("CertificateIsAuthority");
    }

    @Test
    void c6NobodyOrSeveralAreNamed() {
        var uri = new GeneralName(GeneralName.uniformResourceIdentifier, Signing.SUBJECT);
        var mail = new GeneralName(GeneralName.rfc822Name, "ci@example.com");
        var host = new GeneralName(GeneralName.dNSName, "git.example.com");
        for (List<GeneralName> names : List.of(List.of(uri, mail), List.of(uri, uri), List.of(host))) {
            assertThat(code(signing -> signing.names = names)).as("%s", names).isEqualTo("IdentityAmbiguous");
        }
        assertThat(code(signing -> signing.issuer = "")).isEqualTo("IssuerMissing");
        assertThat(code(signing -> signing.rawIssuer = "https://other.example.com"))
                .isEqualTo("IssuerMissing");
        assertThat(code(signing -> {
                    signing.issuer = "";
                    signing.rawIssuer = Signing.ISSUER;
                }))
                .isEqualTo("Accepted");
        assertThat(code(signing -> signing.names = List.of(mail))).isEqualTo("IdentityMismatch");
        assertThat(code(signing -> signing.issuer = "https://other.example.com"))
                .isEqualTo("IdentityMismatch");
    }

    @Test
    void c7RootOfTheAttacker() {
        Signing theirs = new Signing(new PrivateSigstore());
        assertThat(new Verifying(sigstore).code(theirs)).isEqualTo("CertificateUntrusted");
        assertThat(tampered(AttacksTest::right, bundle -> chain(bundle, theirs.sigstore)))
                .isEqualTo("CertificateChainHasRoot");
    }

    private static void chain(ObjectNode bundle, PrivateSigstore theirs) {
        try {
            bundle.put("mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.2");
            ObjectNode material = at(bundle, "/verificationMaterial");
            var leaf = material.remove("certificate");
            ArrayNode chain = material.putObject("x509CertificateChain").putArray("certificates");
            chain.add(leaf);
            chain.addObject().put("rawBytes", base64(theirs.root.getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void c8CertificatesThatWereNotPublished() {
        assertThat(code(signing -> signing.published = false)).isEqualTo("SctMissing");
        for (byte[] list : List.of(new byte[] {0}, new byte[] {0, 3, 0, 1, 9}, new byte[] {0, 0, 0})) {
            assertThat(code(signing -> {
                        signing.published = false;
                        signing.scts = list;
                    }))
                    .isEqualTo("SctMalformed");
        }
        Signing signing = with(AttacksTest::right);
        assertThat(root(signing, root -> at(root, "/ctlogs/0/logId").put("keyId", base64(new byte[32]))))
                .isEqualTo("SctLogUnknown");
        assertThat(root(
                        signing,
                        root -> at(root, "/ctlogs/0/publicKey")
                                .put(
                                        "rawBytes",
                                        base64(sigstore.logKey.getPublic().getEncoded()))))
                .isEqualTo("SctInvalid");
        assertThat(root(
                        signing,
                        root -> at(root, "/ctlogs/0/publicKey/validFor")
                                .put("end", SIGNED.minusSeconds(1).toString())))
                .isEqualTo("SctInvalid");
    }

    /** The verdict with a trust root that was changed. */
    private String root(Signing signing, Consumer<ObjectNode> change) {
        ObjectNode json = sigstore.trustRootJson();
        change.accept(json);
        return Verifying.code(Refusal.toVerdict(() -> new BundleVerifier(
                        Optional.of(TrustRoot.parse(Signing.bytes(json))), new Verifying(sigstore).clock())
                .verify(Signing.bytes(signing.bundle()), Signing.IMAGE, Verifying.expected(signing))));
    }

    @Test
    void c9PatternsMatchWhole() throws Refusal {
        assertThat(TextMatch.matching("https://git.example.com/.*").matches("https://git.example.com/a"))
                .isTrue();
        assertThat(TextMatch.matching("git.example.com").matches("https://git.example.com.example.org/"))
                .isFalse();
        assertThat(TextMatch.matching("(a+)+").matches("a".repeat(TextMatch.MAX_TEXT) + "b"))
                .isFalse();
        assertThat(TextMatch.matching("(a|aa)+").matches("a".repeat(TextMatch.MAX_TEXT - 1) + "b"))
                .as("linear time: this would not end otherwise")
                .isFalse();
        for (String pattern : List.of("", "(", "(?=a)", "a{1001}", "a".repeat(TextMatch.MAX_PATTERN + 1))) {
            assertThat(Verifying.code(Refusal.toVerdict(() -> {
                        TextMatch.matching(pattern);
                        throw new IllegalStateException("accepted");
                    })))
                    .as(pattern)
                    .isEqualTo("PatternInvalid");
        }
    }

    @Test
    void c10NoIdentityIsNobody() {
        var nobody = new Expectation(new SignedBy.Keyless(List.of()), new Purpose.ImageSignature(), Witnesses.ONE_LOG);
        byte[] bundle = Signing.bytes(with(AttacksTest::right).bundle());
        assertThat(new Verifying(sigstore).code(bundle, nobody)).isEqualTo("IdentitiesMissing");
        var rootless = new BundleVerifier(Optional.empty(), Clock.fixed(SIGNED, ZoneOffset.UTC))
                .verify(
                        bundle,
                        Signing.IMAGE,
                        new Expectation(Verifying.keyless(), new Purpose.ImageSignature(), Witnesses.NONE));
        assertThat(Verifying.code(rootless)).isEqualTo("TrustRootMissing");
    }

    @Test
    void d1LoggedOutsideTheCertificate() {
        Instant end = SIGNED.plus(PrivateSigstore.LIFETIME);
        assertThat(code(signing -> signing.logged = end)).isEqualTo("Accepted");
        assertThat(code(signing -> signing.logged = end.plusSeconds(1))).isEqualTo("TimeOutsideCertificate");
        assertThat(code(signing -> signing.logged = SIGNED.minusSeconds(1))).isEqualTo("TimeOutsideCertificate");
        assertThat(code(signing -> {
                    signing.stamped = true;
                    signing.logged = end.plusSeconds(1);
                }))
                .as("a right timestamp does not outweigh it")
                .isEqualTo("TimeOutsideCertificate");
        assertThat(code(signing -> {
                    signing.stamped = true;
                    signing.stampedAt = end.plusSeconds(1);
                }))
                .as("nor the other way round")
                .isEqualTo("TimeOutsideCertificate");
    }

    @Test
    void d2TimeWithoutAPromise() {
        assertThat(code(signing -> signing.promised = false)).isEqualTo("NoTrustedTime");
        assertThat(tampered(AttacksTest::right, bundle -> {
                    bundle.put("mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.1");
                    at(bundle, ENTRY).remove("inclusionPromise");
                }))
                .isEqualTo("PromiseMissing");
    }

    @Test
    void d3LogWithoutATime() {
        assertThat(code(AttacksTest::v2)).isEqualTo("Accepted");
        assertThat(code(signing -> signing.log = Signing.Log.V2)).isEqualTo("NoTrustedTime");
        assertThat(tampered(
                        signing -> signing.log = Signing.Log.V2,
                        bundle -> at(bundle, ENTRY).put("integratedTime", String.valueOf(SIGNED.getEpochSecond()))))
                .as("a time that nobody signed")
                .isEqualTo("NoTrustedTime");
    }

    @Test
    void d4TimestampsThatProveNothing() {
        assertThat(code(signing -> {
                    v2(signing);
                    signing.stampedBytes = bytes -> new byte[] {1};
                }))
                .isEqualTo("TimestampMismatch");
        Signing signing = with(AttacksTest::v2);
        assertThat(root(signing, root -> ((ArrayNode) root.path("timestampAuthorities")).removeAll()))
                .isEqualTo("TimestampUntrusted");
        assertThat(root(
                        signing,
                        root -> at(root, "/timestampAuthorities/0/validFor")
                                .put("end", SIGNED.minusSeconds(1).toString())))
                .isEqualTo("TimestampAuthorityNotValid");
        assertThat(root(
                        signing,
                        root -> at(root, "/timestampAuthorities/0/validFor").put("end", SIGNED.toString())))
                .isEqualTo("Accepted");
        sigstore.tsa = sigstore.tsa(KeyPurposeId.id_kp_timeStamping, START, SIGNED.minusSeconds(1));
        assertThat(code(AttacksTest::v2)).isEqualTo("TimestampAuthorityNotValid");
    }

    @Test
    void d5AuthorityThatHadExpired() {
        sigstore.authority = sigstore.authority(
                "CN=authority", sigstore.authorityKey, "CN=root", sigstore.rootKey, START, SIGNED.plusSeconds(60));
        assertThat(code(AttacksTest::right)).isEqualTo("Accepted");
        assertThat(code(signing -> signing.logged = SIGNED.plusSeconds(61))).isEqualTo("TimeOutsideIssuer");
        assertThat(root(
                        with(AttacksTest::right),
                        root -> at(root, "/certificateAuthorities/0/validFor")
                                .put("end", SIGNED.minusSeconds(1).toString())))
                .isEqualTo("TimeOutsideIssuer");
    }

    @Test
    void d6LogThatIsNotTrustedForThatTime() {
        for (Consumer<Signing> shape : List.<Consumer<Signing>>of(AttacksTest::right, AttacksTest::v2)) {
            Signing signing = with(shape);
            String log = signing.log == Signing.Log.V2 ? "/tlogs/1" : "/tlogs/0";
            assertThat(root(
                            signing,
                            root -> at(root, log + "/publicKey/validFor")
                                    .put("end", SIGNED.minusSeconds(1).toString())))
                    .isEqualTo("LogNotValidAtTime");
            assertThat(root(
                            signing,
                            root -> at(root, log + "/publicKey/validFor")
                                    .put("start", SIGNED.plusSeconds(1).toString())))
                    .isEqualTo("LogNotValidAtTime");
            assertThat(root(
                            signing,
                            root -> at(root, log + "/publicKey/validFor").put("end", SIGNED.toString())))
                    .isEqualTo("Accepted");
            assertThat(root(
                            signing,
                            root -> at(root, log + "/publicKey/validFor").remove("start")))
                    .isEqualTo("TrustRootMalformed");
        }
    }

    @Test
    void d7TimesToCome() {
        Signing signing = with(AttacksTest::right);
        byte[] bundle = Signing.bytes(signing.bundle());
        for (Duration ahead : List.of(Evidence.MAX_SKEW, Evidence.MAX_SKEW.plusSeconds(1))) {
            Clock behind = Clock.fixed(SIGNED.minus(ahead), ZoneOffset.UTC);
            assertThat(Verifying.code(new BundleVerifier(Optional.of(sigstore.trustRoot()), behind)
                            .verify(bundle, Signing.IMAGE, Verifying.expected(signing))))
                    .isEqualTo(ahead.equals(Evidence.MAX_SKEW) ? "Accepted" : "TimeInFuture");
        }
    }

    @Test
    void e1EntryOfSomethingElse() {
        assertThat(entry(AttacksTest::right, "/spec/payloadHash", "value", OTHER))
                .isEqualTo("EntryArtifactMismatch");
        assertThat(entry(AttacksTest::right, "/spec/signatures/0", "signature", base64(new byte[] {1})))
                .isEqualTo("EntrySignatureMismatch");
        String otherKey =
                PrivateSigstore.pem(Pem.PUBLIC_KEY, sigstore.logKey.getPublic().getEncoded());
        assertThat(entry(
                        AttacksTest::right,
                        "/spec/signatures/0",
                        "verifier",
                        base64(otherKey.getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo("EntryVerifierMismatch");
        String v2 = "/spec/hashedRekordV002";
        assertThat(entry(AttacksTest::v2, v2 + "/data", "digest", base64(new byte[32])))
                .isEqualTo("EntryArtifactMismatch");
        assertThat(entry(AttacksTest::v2, v2 + "/signature", "content", base64(new byte[] {1})))
                .isEqualTo("EntrySignatureMismatch");
        assertThat(entry(AttacksTest::v2, v2 + "/signature/verifier/x509Certificate", "rawBytes", base64(new byte[] {1
                })))
                .isEqualTo("EntryVerifierMismatch");
    }

    /** The log took in an entry with another value. */
    private String entry(Consumer<Signing> shape, String pointer, String field, String value) {
        return code(signing -> {
            shape.accept(signing);
            signing.entry = body -> {
                at(body, pointer).put(field, value);
                return body;
            };
        });
    }

    @Test
    void e2EntryOfAnotherKind() {
        assertThat(code(signing -> signing.entry = body -> body.put("kind", "rekord")))
                .isEqualTo("EntryKindUnsupported");
        assertThat(code(signing -> signing.entry = body -> body.put("apiVersion", "0.0.9")))
                .isEqualTo("EntryKindUnsupported");
        assertThat(code(signing -> {
                    signing.message = true;
                    signing.entry = body -> body.put("kind", "dsse");
                }))
                .isEqualTo("EntryKindUnsupported");
        assertThat(code(signing -> signing.entry = body -> body.put("kind", "hashedrekord")))
                .isEqualTo("EntryMalformed");
        assertThat(tampered(
                        AttacksTest::right,
                        bundle -> at(bundle, ENTRY + "/kindVersion").put("kind", "hashedrekord")))
                .isEqualTo("EntryMalformed");
    }

    @Test
    void e3ProofsAndCheckpointsThatDoNotHold() {
        String proof = ENTRY + "/inclusionProof";
        assertThat(tampered(AttacksTest::right, bundle -> at(bundle, proof).put("treeSize", "3")))
                .isEqualTo("InclusionProofInvalid");
        assertThat(tampered(AttacksTest::right, bundle -> at(bundle, proof).put("logIndex", "2")))
                .isEqualTo("InclusionProofInvalid");
        assertThat(checkpoint(note -> note.replaceFirst("\n2\n", "\n3\n"))).isEqualTo("CheckpointMismatch");
        assertThat(checkpoint(note -> note.replaceFirst("^.*\n", "other.example.com\n")))
                .isEqualTo("CheckpointNotByLog");
        assertThat(checkpoint(note -> note.replaceFirst(" - 42\n", " - 43\n"))).isEqualTo("CheckpointSignatureInvalid");
        assertThat(checkpoint(note -> note.replace("\n\n", "\nmore\n\n"))).isEqualTo("CheckpointSignatureInvalid");
        assertThat(checkpoint(note -> note.replace("\n\n", "\n"))).isEqualTo("CheckpointMalformed");
        String line = "\u2014 witness.example.com " + base64(new byte[9]) + "\n";
        assertThat(checkpoint(note -> note + line.repeat(Checkpoint.MAX_SIGNATURES - 1)))
                .isEqualTo("Accepted");
        assertThat(checkpoint(note -> note + line.repeat(Checkpoint.MAX_SIGNATURES)))
                .isEqualTo("CheckpointMalformed");
        assertThat(checkpoint(note -> note + "x".repeat(Checkpoint.MAX_BYTES))).isEqualTo("CheckpointMalformed");
        assertThat(checkpoint(note -> note.substring(0, note.indexOf("\n\n") + 2)))
                .isEqualTo("CheckpointNotByLog");
    }

    private String checkpoint(UnaryOperator<String> change) {
        return tampered(AttacksTest::right, bundle -> {
            ObjectNode checkpoint = at(bundle, ENTRY + "/inclusionProof/checkpoint");
            checkpoint.put("envelope", change.apply(checkpoint.path("envelope").asText()));
        });
    }

    @Test
    void e3LogWithAPortInItsName() {
        assertThat(root(
                        with(AttacksTest::right),
                        root -> at(root, "/tlogs/0").put("baseUrl", "https://" + PrivateSigstore.LOG_V1 + ":3000/")))
                .isEqualTo("Accepted");
        assertThat(root(
                        with(AttacksTest::right),
                        root -> at(root, "/tlogs/0").put("baseUrl", "https://other.example.com")))
                .isEqualTo("CheckpointNotByLog");
    }

    @Test
    void e4SecondEntryIsVerifiedToo() {
        assertThat(tampered(AttacksTest::right, bundle -> {
                    ArrayNode entries = (ArrayNode) bundle.at("/verificationMaterial/tlogEntries");
                    entries.add(entries.get(0).deepCopy());
                    at(bundle, "/verificationMaterial/tlogEntries/1").put("integratedTime", "1");
                }))
                .isEqualTo("PromiseInvalid");
        assertThat(tampered(AttacksTest::right, bundle -> {
                    ArrayNode entries = (ArrayNode) bundle.at("/verificationMaterial/tlogEntries");
                    entries.add(entries.get(0).deepCopy());
                }))
                .isEqualTo("EntryDuplicate");
    }

    @Test
    void e5PromiseOfAnUnknownLog() {
        assertThat(root(with(AttacksTest::right), root -> ((ArrayNode) root.path("tlogs")).remove(0)))
                .isEqualTo("LogUnknown");
    }

    @Test
    void e6IndicesThatAreNone() {
        for (String index : List.of("-1", "9223372036854775808", "1.5", "")) {
            assertThat(tampered(AttacksTest::right, bundle -> at(bundle, ENTRY).put("logIndex", index)))
                    .as(index)
                    .isEqualTo("BundleMalformed");
        }
        assertThat(tampered(
                        AttacksTest::right,
                        bundle -> at(bundle, ENTRY + "/inclusionProof")
                                .put("logIndex", String.valueOf(Long.MAX_VALUE))
                                .put("treeSize", String.valueOf(Long.MAX_VALUE))))
                .isEqualTo("InclusionProofInvalid");
    }

    @Test
    void f5EveryReadHasALimit() {
        Signing signing = with(AttacksTest::right);
        assertThat(new Verifying(sigstore).code(signing, new byte[BundleVerifier.MAX_BYTES + 1]))
                .isEqualTo("BundleTooLarge");
        assertThat(new Verifying(sigstore).code(signing, new byte[BundleVerifier.MAX_BYTES]))
                .isEqualTo("BundleMalformed");
        assertThat(Verifying.code(Refusal.toVerdict(() -> {
                    TrustRoot.parse(new byte[TrustRoot.MAX_BYTES + 1]);
                    throw new IllegalStateException("accepted");
                })))
                .isEqualTo("TrustRootTooLarge");
        assertThat(tampered(AttacksTest::right, bundle -> {
                    ArrayNode entries = (ArrayNode) bundle.at("/verificationMaterial/tlogEntries");
                    for (int i = 0; i < Bundle.MAX_ENTRIES; i++) {
                        entries.add(entries.get(0).deepCopy());
                    }
                }))
                .isEqualTo("BundleMalformed");
        assertThat(tampered(AttacksTest::right, bundle -> {
                    ArrayNode hashes = (ArrayNode) bundle.at(ENTRY + "/inclusionProof/hashes");
                    for (int i = 0; i < Bundle.MAX_PROOF_HASHES; i++) {
                        hashes.add(base64(new byte[32]));
                    }
                }))
                .isEqualTo("BundleMalformed");
        assertThat(code(body -> body.entry = entry -> entry.put("more", "x".repeat(EntryBody.MAX_BYTES))))
                .isEqualTo("EntryMalformed");
        assertThat(tampered(
                        AttacksTest::v2,
                        bundle -> at(bundle, "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0")
                                .put("signedTimestamp", base64(new byte[Timestamps.MAX_BYTES + 1]))))
                .isEqualTo("TimestampMalformed");
        assertThat(tampered(
                        AttacksTest::right,
                        bundle -> at(bundle, "/verificationMaterial/certificate")
                                .put("rawBytes", base64(new byte[Certificates.MAX_BYTES + 1]))))
                .isEqualTo("CertificateMalformed");
        assertThat(subjects("[" + "{\"digest\":{}},".repeat(Statement.MAX_SUBJECTS) + "{\"digest\":{}}]"))
                .isEqualTo("StatementMalformed");
    }

    @Test
    void g1OneWitnessIsNotTwo() {
        Signing signing = with(AttacksTest::v2);
        byte[] bundle = Signing.bytes(signing.bundle());
        assertThat(new Verifying(sigstore)
                        .code(
                                bundle,
                                new Expectation(
                                        Verifying.keyless(), new Purpose.ImageSignature(), new Witnesses(2, 0))))
                .isEqualTo("EntryMissing");
        ObjectNode twice = signing.bundle();
        ArrayNode timestamps =
                (ArrayNode) twice.at("/verificationMaterial/timestampVerificationData/rfc3161Timestamps");
        timestamps.add(timestamps.get(0).deepCopy());
        assertThat(new Verifying(sigstore)
                        .code(
                                Signing.bytes(twice),
                                new Expectation(
                                        Verifying.keyless(), new Purpose.ImageSignature(), new Witnesses(1, 2))))
                .isEqualTo("TimestampMissing");
    }

    @Test
    void aFailureOfOursIsNoVerdict() {
        Signing signing = with(AttacksTest::right);
        Clock broken = new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                throw new IllegalStateException("broken");
            }
        };
        assertThat(Verifying.code(new BundleVerifier(Optional.of(sigstore.trustRoot()), broken)
                        .verify(Signing.bytes(signing.bundle()), Signing.IMAGE, Verifying.expected(signing))))
                .isEqualTo("VerifierFailed");
    }

    /** The page names every test here, and none that is not. */
    @Test
    void thePageAndTheTestsAgree() throws IOException {
        String page = Files.readString(Repository.root().resolve("docs/trust-attacks.md"));
        String source = Files.readString(Repository.root()
                .resolve("operator/src/test/java/dev/cleanroom/operator/trust/sigstore/AttacksTest.java"));
        var named = new TreeSet<String>();
        Pattern.compile("`([a-g][0-9]+[A-Za-z0-9]+)`")
                .matcher(page)
                .results()
                .forEach(name -> named.add(name.group(1)));
        var tests = new TreeSet<String>();
        Pattern.compile("void ([a-g][0-9]+[A-Za-z0-9]+)\\(")
                .matcher(source)
                .results()
                .forEach(name -> tests.add(name.group(1)));
        assertThat(named).isEqualTo(tests);
    }
}
