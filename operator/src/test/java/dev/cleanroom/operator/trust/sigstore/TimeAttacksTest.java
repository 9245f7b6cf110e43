package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.SIGNED;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.START;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;

/** Attacks D: when it was signed. */
class TimeAttacksTest extends Attacks {
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
        assertThat(tampered(Attacks::right, bundle -> {
                    bundle.put("mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.1");
                    at(bundle, ENTRY).remove("inclusionPromise");
                }))
                .isEqualTo("PromiseMissing");
    }

    @Test
    void d3LogWithoutATime() {
        assertThat(code(Attacks::v2)).isEqualTo("Accepted");
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
        Signing signing = with(Attacks::v2);
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
        assertThat(code(Attacks::v2)).isEqualTo("TimestampAuthorityNotValid");
    }

    /** What nobody signs of it, and must fit all the same: that it is signed data, and who signed it. */
    @Test
    void d4TimestampsWithAnotherNameOnThem() {
        byte[] signedData = {0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x07, 0x02};
        assertThat(stamp(signedData, signedData.length - 1)).isEqualTo("TimestampMalformed");
        byte[] issuer = {0x13, 0x04, 'r', 'o', 'o', 't'};
        assertThat(stamp(issuer, issuer.length - 1)).isEqualTo("TimestampUntrusted");
        assertThat(stamp(new byte[] {0x02, 0x01, 0x0a}, 2)).isEqualTo("TimestampUntrusted");
    }

    /** With the last bit of a byte changed, in what stands but once in it. */
    private String stamp(byte[] part, int at) {
        return tampered(Attacks::v2, bundle -> {
            ObjectNode stamp = at(bundle, "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0");
            byte[] der =
                    Base64.getDecoder().decode(stamp.path("signedTimestamp").asText());
            int start = indexOf(der, part);
            der[start + at] ^= 1;
            stamp.put("signedTimestamp", base64(der));
        });
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; i + part.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new IllegalStateException("not in it");
    }

    @Test
    void d5AuthorityThatHadExpired() {
        sigstore.authority = sigstore.authority(
                "CN=authority", sigstore.authorityKey, "CN=root", sigstore.rootKey, START, SIGNED.plusSeconds(60));
        assertThat(code(Attacks::right)).isEqualTo("Accepted");
        assertThat(code(signing -> signing.logged = SIGNED.plusSeconds(61))).isEqualTo("TimeOutsideIssuer");
        assertThat(root(
                        with(Attacks::right),
                        root -> at(root, "/certificateAuthorities/0/validFor")
                                .put("end", SIGNED.minusSeconds(1).toString())))
                .isEqualTo("TimeOutsideIssuer");
    }

    @Test
    void d6LogThatIsNotTrustedForThatTime() {
        for (Consumer<Signing> shape : List.<Consumer<Signing>>of(Attacks::right, Attacks::v2)) {
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
        Signing signing = with(Attacks::right);
        byte[] bundle = Signing.bytes(signing.bundle());
        for (Duration ahead : List.of(LogsAndTimestamps.MAX_SKEW, LogsAndTimestamps.MAX_SKEW.plusSeconds(1))) {
            Clock behind = Clock.fixed(SIGNED.minus(ahead), ZoneOffset.UTC);
            assertThat(Verifying.code(new BundleVerifier(Optional.of(sigstore.trustRoot()), behind)
                            .verify(bundle, Signing.IMAGE, Verifying.expected(signing))))
                    .isEqualTo(ahead.equals(LogsAndTimestamps.MAX_SKEW) ? "Accepted" : "TimeInFuture");
        }
    }
}
