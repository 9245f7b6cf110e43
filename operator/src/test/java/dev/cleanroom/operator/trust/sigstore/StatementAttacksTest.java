package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.SIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.Witnesses;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Attacks A and B: what a statement is about, and what it is for. */
class StatementAttacksTest extends Attacks {
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
                        .code(Signing.bytes(with(Attacks::right).bundle()), expected))
                .isEqualTo("PredicateTypeUnexpected");
    }

    @Test
    void b6PredicateThatIsNone() {
        assertThat(code(signing -> signing.payload = Signing.statement(
                        V1, "[{\"digest\":{\"sha256\":\"" + Signing.IMAGE.hex() + "\"}}]", SIGN, "\"text\"")))
                .isEqualTo("StatementMalformed");
    }
}
