package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.SIGNED;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.Expectation.Witnesses;
import dev.cleanroom.operator.trust.sigstore.ExpectedIdentity.TextMatch;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;

/** Attacks C: who signed, and with what. */
class SignatureAttacksTest extends Attacks {
    @Test
    void c1NoneOrTwoSignatures() {
        assertThat(tampered(Attacks::right, bundle -> ((ArrayNode) bundle.at("/dsseEnvelope/signatures")).removeAll()))
                .isEqualTo("SignatureCountWrong");
        assertThat(tampered(
                        Attacks::right,
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
        Signing signing = with(Attacks::right);
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
        return Verifying.code(Refusal.toResult(() -> {
            VerificationKey.fromPem(pem);
            throw new IllegalStateException("accepted");
        }));
    }

    @Test
    void c5SignaturesInAnotherForm() {
        for (int extra : List.of(1, VerificationKey.MAX_SIGNATURE_BYTES)) {
            assertThat(tampered(Attacks::right, bundle -> {
                        ObjectNode signature = at(bundle, "/dsseEnvelope/signatures/0");
                        byte[] bytes =
                                Base64.getDecoder().decode(signature.path("sig").asText());
                        signature.put("sig", base64(Arrays.copyOf(bytes, bytes.length + extra)));
                    }))
                    .isEqualTo("SignatureInvalid");
        }
    }

    /** The same certificate in other bytes, of which no authority signed the difference. */
    @Test
    void c5CertificatesInAnotherForm() {
        Signing signing = with(Attacks::right);
        ObjectNode bundle = endingWithZero(signing);
        ObjectNode certificate = at(bundle, "/verificationMaterial/certificate");
        byte[] der = Base64.getDecoder().decode(certificate.path("rawBytes").asText());
        int signature = Certificate.getInstance(der).getSignature().getOctets().length;
        der[der.length - signature - 1] = 1;
        certificate.put("rawBytes", base64(der));
        assertThat(new Verifying(sigstore).code(signing, bundle)).isEqualTo("CertificateMalformed");
    }

    /** The last bit of its certificate is zero, as it is of every second one. */
    private static ObjectNode endingWithZero(Signing signing) {
        for (int tries = 0; tries < 100; tries++) {
            ObjectNode bundle = signing.bundle();
            byte[] der = Base64.getDecoder()
                    .decode(bundle.at("/verificationMaterial/certificate/rawBytes")
                            .asText());
            if ((der[der.length - 1] & 1) == 0) {
                return bundle;
            }
        }
        throw new IllegalStateException();
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
        assertThat(tampered(Attacks::right, bundle -> chain(bundle, theirs.sigstore)))
                .isEqualTo("CertificateChainHasRoot");
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
        Signing signing = with(Attacks::right);
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
            assertThat(Verifying.code(Refusal.toResult(() -> {
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
        byte[] bundle = Signing.bytes(with(Attacks::right).bundle());
        assertThat(new Verifying(sigstore).code(bundle, nobody)).isEqualTo("IdentitiesMissing");
        var rootless = new BundleVerifier(Optional.empty(), Clock.fixed(SIGNED, ZoneOffset.UTC))
                .verify(
                        bundle,
                        Signing.IMAGE,
                        new Expectation(Verifying.keyless(), new Purpose.ImageSignature(), Witnesses.NONE));
        assertThat(Verifying.code(rootless)).isEqualTo("TrustRootMissing");
    }
}
