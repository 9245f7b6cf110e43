package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.JSON;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.fuzz.FuzzTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The parsers of what is signed: a {@link Refusal} is all that they may throw, and what they accept is what was signed. */
public enum SigstoreTarget implements FuzzTarget {
    /** Whatever the bytes are: no forged bundle is accepted, and nothing brings the verifier down. */
    BUNDLE {
        @Override
        public void run(byte[] input) {
            BUNDLES.stream()
                    .map(right -> right.given().expectation())
                    .distinct()
                    .map(expected ->
                            new BundleVerifier(Optional.of(ROOT), CLOCK).verify(input, Signing.IMAGE, expected))
                    .forEach(result -> mustBeRight(result, BUNDLES));
        }

        @Override
        public List<byte[]> seeds() {
            return BUNDLES.stream().map(right -> Signing.bytes(right.json())).toList();
        }
    },

    /** A layer of the format before bundles: payload and annotations. */
    LEGACY {
        @Override
        public void run(byte[] input) {
            Optional<JsonNode> layer = json(input);
            if (layer.isPresent() && layer.get() instanceof ObjectNode object) {
                mustBeRight(LEGACY_LAYER.result(object), List.of(LEGACY_LAYER));
            }
        }

        @Override
        public List<byte[]> seeds() {
            return List.of(Signing.bytes(LEGACY_LAYER.json()));
        }
    },

    /** An envelope of which the signature is right: its statement is all that is left to be wrong. */
    STATEMENT {
        @Override
        public void run(byte[] input) throws Exception {
            var envelope = new SignedContent.Envelope(Statement.PAYLOAD_TYPE, input, new byte[0]);
            byte[] encoded = envelope.encoded();
            assertThat(Arrays.copyOfRange(encoded, encoded.length - input.length, encoded.length))
                    .isEqualTo(input);
            try {
                Statement.parse(envelope, Signing.IMAGE);
            } catch (Refusal e) {
                return;
            }
            // Whoever reads it with another parser finds the image in it too.
            assertThat(JSON.readTree(input).path("subject"))
                    .anyMatch(subject -> subject.at("/digest/sha256").asText().equals(Signing.IMAGE.hex()));
        }

        @Override
        public List<byte[]> seeds() {
            return List.of(
                    new Signing(SIGSTORE).payload, Signing.statement("https://in-toto.io/Statement/v0.1", "0", "x"));
        }
    },

    /** An entry that its log has signed, about whatever it likes. */
    LOG_ENTRY {
        @Override
        public void run(byte[] input) throws Exception {
            var content = new SignedContent.Envelope(Statement.PAYLOAD_TYPE, new byte[] {1}, new byte[] {2, 3, 4});
            var verifier = new EntryBody.Verifier(
                    Pem.PUBLIC_KEY, SIGSTORE.logKey.getPublic().getEncoded());
            try {
                new EntryBody(content, Signing.IMAGE, verifier).mustBe(input);
            } catch (Refusal e) {
                return;
            }
            String kind = JSON.readTree(input).path("kind").asText();
            assertThat(kind).isIn("hashedrekord", "dsse", "intoto");
        }

        @Override
        public List<byte[]> seeds() {
            return BUNDLES.stream()
                    .map(right -> right.json().at("/verificationMaterial/tlogEntries/0/canonicalizedBody"))
                    .map(body -> Base64.getDecoder().decode(body.asText()))
                    .toList();
        }
    },

    /** What was signed of a tree head is a piece of it, and at its start. */
    CHECKPOINT {
        @Override
        public void run(byte[] input) {
            try {
                Checkpoint checkpoint = Checkpoint.parse(input);
                assertThat(checkpoint.signatures()).hasSizeLessThanOrEqualTo(Checkpoint.MAX_SIGNATURES);
                if (isUtf8(input)) {
                    assertThat(Arrays.copyOf(input, checkpoint.signed().length)).isEqualTo(checkpoint.signed());
                }
            } catch (Refusal e) {
                return;
            }
        }

        @Override
        public List<byte[]> seeds() {
            return BUNDLES.stream()
                    .map(right ->
                            right.json().at("/verificationMaterial/tlogEntries/0/inclusionProof/checkpoint/envelope"))
                    .map(note -> note.asText().getBytes(StandardCharsets.UTF_8))
                    .toList();
        }
    },

    /** One certificate in DER: every byte of it counts. What it says is read as far as its chain allows. */
    CERTIFICATE {
        @Override
        public void run(byte[] input) throws Exception {
            Optional<X509Certificate> certificate = Certificates.parse(input);
            if (certificate.isPresent()) {
                assertThat(certificate.get().getEncoded()).isEqualTo(input);
                try {
                    var signing = new SigningCertificate(certificate.get(), List.of());
                    new CertificateTransparency(ROOT.certificateLogs()).mustHave(certificate.get(), SIGSTORE.authority);
                    // Published as it is, but for its signature: then it names whom it named.
                    assertThat(signing.identity().subject()).isEqualTo(Signing.SUBJECT);
                } catch (Refusal e) {
                    return;
                }
            }
        }

        @Override
        public List<byte[]> seeds() {
            return List.of(CERTIFICATE_DER);
        }
    },

    /** A time is told only of a token that the authority signed, and it is that time. */
    TIMESTAMP {
        @Override
        public void run(byte[] input) {
            try {
                Timestamps.TrustedTime seen = new Timestamps(ROOT.timestampAuthorities()).verify(input, STAMPED);
                assertThat(seen.time()).isEqualTo(PrivateSigstore.SIGNED);
            } catch (Refusal e) {
                return;
            }
        }

        @Override
        public List<byte[]> seeds() {
            return List.of(
                    SIGSTORE.timestamp(STAMPED, PrivateSigstore.SIGNED),
                    SIGSTORE.timestamp(new byte[] {9}, PrivateSigstore.SIGNED));
        }
    },

    /** A trusted_root.json, of a ConfigMap that a user wrote. */
    TRUST_ROOT {
        @Override
        public void run(byte[] input) {
            try {
                assertThat(TrustRoot.parse(input).logs()).allMatch(log -> log.id().length > 0);
            } catch (Refusal e) {
                assertThat(e.result().reason()).isIn("TrustRootMalformed", "TrustRootTooLarge");
            }
        }

        @Override
        public List<byte[]> seeds() {
            return List.of(Signing.bytes(SIGSTORE.trustRootJson()));
        }
    },

    /** A key of a policy: as it is written again, it is the same key. */
    KEY {
        @Override
        public void run(byte[] input) throws Exception {
            try {
                VerificationKey key = VerificationKey.fromPem(new String(input, StandardCharsets.ISO_8859_1));
                String again = PrivateSigstore.pem(Pem.PUBLIC_KEY, key.key().getEncoded());
                assertThat(VerificationKey.fromPem(again).fingerprint()).isEqualTo(key.fingerprint());
            } catch (Refusal e) {
                assertThat(e.result().reason()).isIn("KeyMalformed", "KeyUnsupported");
            }
        }

        @Override
        public List<byte[]> seeds() {
            return List.of(SIGSTORE.logKey, SIGSTORE.rootKey, SIGSTORE.logV2Key).stream()
                    .map(key ->
                            PrivateSigstore.pem(Pem.PUBLIC_KEY, key.getPublic().getEncoded()))
                    .map(pem -> pem.getBytes(StandardCharsets.US_ASCII))
                    .toList();
        }
    };

    private static final PrivateSigstore SIGSTORE = new PrivateSigstore();
    private static final Clock CLOCK = new Verifying(SIGSTORE).clock();
    private static final TrustRoot ROOT = SIGSTORE.trustRoot();
    private static final byte[] STAMPED = {1, 2, 3};
    private static final List<Specimen> BUNDLES = OurSpecimens.of(SIGSTORE);
    private static final byte[] CERTIFICATE_DER = Base64.getDecoder()
            .decode(BUNDLES.getFirst()
                    .json()
                    .at("/verificationMaterial/certificate/rawBytes")
                    .asText());
    private static final Specimen LEGACY_LAYER = OurSpecimens.legacy(SIGSTORE);

    /** Accepted as one that was signed is: by the same signer, with the same statement. */
    private static void mustBeRight(VerificationResult result, List<Specimen> signed) {
        switch (result) {
            case VerificationResult.Accepted accepted ->
                assertThat(signed)
                        .anyMatch(right -> right.result(right.json()) instanceof VerificationResult.Accepted unchanged
                                && unchanged.signer().equals(accepted.signer())
                                && unchanged.statement().equals(accepted.statement()));
            case VerificationResult.Rejected rejected ->
                assertThat(rejected.message()).doesNotContain("\n");
            case VerificationResult.Unresolved unresolved -> throw new AssertionError(unresolved.message());
        }
    }

    private static Optional<JsonNode> json(byte[] input) {
        try {
            return Optional.ofNullable(JSON.readTree(input));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean isUtf8(byte[] input) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(input));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
