package dev.cleanroom.operator.trust;

import static dev.cleanroom.operator.trust.registry.Content.BUNDLE;
import static dev.cleanroom.operator.trust.registry.Content.INDEX;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.bytes;
import static dev.cleanroom.operator.trust.registry.Content.index;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.trust.policy.Tally.Conclusion;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.registry.FakeRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a registry, and whoever may push to it, can do to the proofs about an image. */
class ProofAttacksTest extends Attaching {
    private static final String SIG = manifestPath(DIGEST.legacySignatureTag());

    @Test
    void a7AnnotationsThatLie() {
        attach(signature(), saying("https://slsa.dev/provenance/v1"));
        serveList();
        assertThat(outcome(policy()))
                .as("a signature that says it is something else")
                .isEqualTo("Accepted");
    }

    @Test
    void a7ASubjectThatLies() {
        attach(statement(release, Digest.of(bytes("another image")), SIGNATURE), saying(SIGNATURE));
        serveList();
        assertThat(outcome(policy()))
                .as("listed for this image, signed for another")
                .isEqualTo("SubjectMismatch");
    }

    @Test
    void b7AnAttestationThatSaysItIsASignature() {
        attach(statement(release, DIGEST, SBOM), saying(SIGNATURE));
        serveList();
        assertThat(outcome(policy())).isEqualTo("PredicateTypeUnexpected");
    }

    @Test
    void f6GarbageBesideTheGoodOne() {
        attach(bytes("garbage"), saying(SIGNATURE));
        attach(bytes("{}"), saying(SIGNATURE));
        attach(statement(stranger, DIGEST, SIGNATURE), saying(SIGNATURE));
        byte[] gone = referrer(bytes("a layer that is not there"), BUNDLE);
        fake.on(manifestPath(Digest.of(gone)), FakeRegistry.bytes(200, gone, "Content-Type: " + MANIFEST));
        byte[] noManifest = bytes("{\"schemaVersion\":2}");
        fake.on(manifestPath(Digest.of(noManifest)), FakeRegistry.bytes(200, noManifest, "Content-Type: " + MANIFEST));
        byte[] other = referrer(bytes("x"), "text/plain");
        fake.on(manifestPath(Digest.of(other)), FakeRegistry.bytes(200, other, "Content-Type: " + MANIFEST));
        list(
                entry(gone, saying(SIGNATURE)),
                entry(noManifest, saying(SIGNATURE)),
                entry(other, saying(SIGNATURE)),
                entry(bytes("never pushed"), saying(SIGNATURE)),
                "7",
                "{}");
        serveList();
        Conclusion garbageAlone = read(policy());
        assertThat(outcome(garbageAlone)).isEqualTo("SignatureInvalid");
        assertThat(message(garbageAlone)).contains("could not be used: 3 Malformed, 2 NotFound. Use an image");

        attach(signature(), saying(SIGNATURE));
        assertThat(outcome(policy())).isEqualTo("Accepted");
    }

    @Test
    void f6ALegacySignatureBesideGarbage() {
        fake.on(SIG, FakeRegistry.bytes(200, bytes("<html>"), "Content-Type: text/html"));
        attach(signature(), saying(SIGNATURE));
        serveList();
        assertThat(outcome(policy())).isEqualTo("Accepted");
    }

    private void tenThousand(String says, String lastSays) {
        for (int i = 0; i < 9_999; i++) {
            list(entry(bytes("filler " + i), says));
        }
        attach(signature(), lastSays);
        serveList();
    }

    @Test
    void f7TenThousandBesideTheOneThatSaysWhatItIs() {
        tenThousand(saying("https://example.com/filler"), saying(SIGNATURE));
        assertThat(outcome(policy())).isEqualTo("Accepted");
        assertThat(fake.requests()).as("no filler was read").hasSizeLessThan(30);
    }

    @Test
    void f7TenThousandBesideTheOneThatSaysNothing() {
        tenThousand("", "");
        Conclusion conclusion = read(policy());
        assertThat(outcome(conclusion))
                .as("not found, and not said to be missing")
                .isEqualTo("EvidenceIncomplete?");
        assertThat(message(conclusion)).contains("delete those that no policy requires");
        assertThat(fake.requests()).hasSizeLessThan(ProofReader.MOST_PIECES + 30);
    }

    /** A scan a day: what is wanted comes before what is not, and the newest first. */
    @Test
    void f7AttestationsOfManyDays() {
        for (int day = 0; day < 200; day++) {
            attach(
                    bytes("scan " + day),
                    saying("https://cosign.sigstore.dev/attestation/vuln/v1")
                            + ",\"org.opencontainers.image.created\":\"2026-01-01T00:%02d:%02dZ\""
                                    .formatted(day / 60, day % 60));
        }
        for (int day = 0; day < 200; day++) {
            attach(
                    day == 199 ? statement(release, DIGEST, SBOM) : bytes("sbom " + day),
                    saying(SBOM)
                            + ",\"org.opencontainers.image.created\":\"2026-01-01T00:%02d:%02dZ\""
                                    .formatted(day / 60, day % 60));
        }
        attach(signature(), "");
        serveList();
        assertThat(outcome(policy("attestations: [{name: sbom, predicateType: \"" + SBOM + "\"}]")))
                .isEqualTo("Accepted");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 429, 500, 503})
    void g2AListThatCouldNotBeRead(int status) {
        fake.on(REFERRERS, FakeRegistry.status(status));
        assertThat(outcome(policy())).matches("(Unauthorized|Throttled|Unavailable)\\?");
        serveList();
        fake.on(SIG, FakeRegistry.status(status));
        assertThat(outcome(policy())).matches("(Unauthorized|Throttled|Unavailable)\\?");
        assertThat(outcome(policy("formats: [bundle]"))).isEqualTo("SignatureMissing");
    }

    @Test
    void g2APageForPeopleIsNoWordOnSignatures() {
        FakeRegistry.Reply page = FakeRegistry.bytes(200, bytes("<html>maintenance"), "Content-Type: text/html");
        fake.on(REFERRERS, page);
        assertThat(outcome(policy())).isEqualTo("Malformed?");
        serveList();
        fake.on(SIG, page);
        assertThat(outcome(policy())).isEqualTo("Malformed?");
    }

    @Test
    void g2APieceThatCouldNotBeRead() {
        byte[] signature = signature();
        byte[] manifest = attach(signature, saying(SIGNATURE));
        serveList();
        fake.on(blobPath(signature), FakeRegistry.status(503));
        assertThat(outcome(policy())).isEqualTo("Unavailable?");
        fake.on(manifestPath(Digest.of(manifest)), FakeRegistry.status(503));
        assertThat(outcome(policy())).isEqualTo("Unavailable?");
        fake.on(
                manifestPath(Digest.of(manifest)),
                FakeRegistry.bytes(200, bytes("{\"other\":1}"), "Content-Type: " + MANIFEST));
        assertThat(outcome(policy()))
                .as("other bytes than its digest: what it is, nobody knows")
                .isEqualTo("DigestMismatch?");
        fake.on(manifestPath(Digest.of(manifest)), FakeRegistry.status(404));
        assertThat(outcome(policy())).as("it was taken away").isEqualTo("SignatureMissing");
    }

    @Test
    void g2ASecondPageThatIsMissing() {
        list(entry(bytes("one"), ""));
        serveList();
        fake.on(
                REFERRERS,
                (request, out) -> (request.target().contains("?")
                                ? FakeRegistry.status(404)
                                : FakeRegistry.bytes(
                                        200,
                                        index(entry(bytes("one"), "")),
                                        "Content-Type: " + INDEX,
                                        "Link: <" + REFERRERS + "?from=1>; rel=\"next\""))
                        .to(request, out));
        assertThat(outcome(policy())).isEqualTo("NotFound?");
    }

    /** What is there is enough, whatever could not be read. */
    @Test
    void g2AnErrorBesideTheGoodOne() {
        byte[] other = attach(statement(stranger, DIGEST, SIGNATURE), saying(SIGNATURE));
        attach(signature(), saying(SIGNATURE));
        serveList();
        fake.on(manifestPath(Digest.of(other)), FakeRegistry.status(503));
        assertThat(outcome(policy())).isEqualTo("Accepted");
    }

    @Test
    void f5ReadingEndsInTime() {
        byte[] slow = attach(bytes("slow"), saying(SIGNATURE));
        attach(signature(), "");
        serveList();
        fake.on(manifestPath(Digest.of(slow)), (request, out) -> {
            setting.clock.advance(ProofReader.MOST_TIME.minus(Duration.ofSeconds(1)));
            FakeRegistry.status(404).to(request, out);
        });
        assertThat(outcome(policy())).as("within the time").isEqualTo("Accepted");
        fake.on(manifestPath(Digest.of(slow)), (request, out) -> {
            setting.clock.advance(ProofReader.MOST_TIME);
            FakeRegistry.status(404).to(request, out);
        });
        Conclusion conclusion = read(policy());
        assertThat(outcome(conclusion)).isEqualTo("EvidenceIncomplete?");
        assertThat(message(conclusion)).contains("2 minutes");
    }
}
