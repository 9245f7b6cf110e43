package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.trust.CosignedRegistry.Maker;
import dev.cleanroom.operator.trust.sigstore.Artifact;
import dev.cleanroom.operator.trust.sigstore.CodeSigner;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import dev.cleanroom.operator.trust.sigstore.ExpectedIdentity;
import dev.cleanroom.operator.trust.sigstore.ExpectedIdentity.TextMatch;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import dev.cleanroom.operator.trust.sigstore.Refusal;
import dev.cleanroom.operator.trust.sigstore.Specimen;
import dev.cleanroom.operator.trust.sigstore.VerificationKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the real cosign signs and attests, read back from a real registry: a {@link Specimen} of each way it can be done. */
final class CosignSpecimens implements AutoCloseable {
    static final String SCAN = "https://example.com/scan/v1";

    private final CosignedRegistry registry;
    private final CodeSigner signer = new CodeSigner();
    private final Path home;

    /** How it is signed: a key alone, logged or not; a certificate, stamped or logged and stamped. */
    private enum Way {
        KEY,
        KEY_LOGGED,
        CERTIFICATE_STAMPED,
        CERTIFICATE_LOGGED;

        boolean isByKey() {
            return this == KEY || this == KEY_LOGGED;
        }

        boolean isLogged() {
            return this == KEY_LOGGED || this == CERTIFICATE_LOGGED;
        }
    }

    CosignSpecimens(Path home) throws IOException {
        this.home = home;
        registry = new CosignedRegistry(true, home);
        Files.writeString(home.resolve("signer.crt"), signer.certificatePem());
        registry.cosign(3)
                .run(
                        "import-key-pair",
                        "--key",
                        registry.file("signer.pem", signer.keyPem()),
                        "--output-key-prefix",
                        "signer",
                        "--yes");
    }

    List<Specimen> all() throws IOException, Refusal {
        List<Specimen> all = new ArrayList<>();
        for (Maker maker : Maker.values()) {
            for (Way way : Way.values()) {
                all.add(specimen(maker, way, new Purpose.ImageSignature()));
                // The old format has cosign 3 stamp other bytes than it verifies: see KeylessCosignTest.
                if (maker != Maker.COSIGN_3_LEGACY || way != Way.CERTIFICATE_STAMPED) {
                    all.add(specimen(maker, way, new Purpose.Attestation(SCAN)));
                }
            }
        }
        return all;
    }

    private Specimen specimen(Maker maker, Way way, Purpose purpose) throws IOException, Refusal {
        String image = registry.image();
        String[] flags = flags(way);
        boolean attests = purpose instanceof Purpose.Attestation;
        if (attests) {
            registry.attest(maker, image, SCAN, "{\"clean\":true,\"note\":\"ünïcode ☃ <&>\"}", flags);
        } else {
            registry.sign(maker, image, flags);
        }
        List<ObjectNode> attached = registry.attached(image);
        assertThat(attached).hasSize(1);
        return new Specimen(
                maker + " " + way + (attests ? " attestation" : " signature"),
                attached.getFirst(),
                new Specimen.Given(
                        Artifact.ofDigest(image.substring(image.indexOf('@') + 1)),
                        by(way),
                        purpose,
                        root(way),
                        Clock.fixed(Instant.now(), ZoneOffset.UTC)));
    }

    private String[] flags(Way way) {
        List<String> flags =
                new ArrayList<>(List.of("--key", home.resolve("signer.key").toString()));
        if (!way.isByKey()) {
            flags.addAll(List.of("--certificate", home.resolve("signer.crt").toString()));
        }
        if (way.isLogged()) {
            flags.addAll(List.of("--rekor-url", signer.logAddress()));
        }
        if (way == Way.CERTIFICATE_STAMPED) {
            flags.addAll(List.of("--timestamp-server-url", signer.timestampAddress()));
        }
        return flags.toArray(String[]::new);
    }

    private SignedBy by(Way way) throws IOException, Refusal {
        return way.isByKey()
                ? new SignedBy.Key(VerificationKey.fromPem(Files.readString(home.resolve("signer.pub"))))
                : new SignedBy.Keyless(List.of(new ExpectedIdentity(
                        TextMatch.exactly(CodeSigner.ISSUER), TextMatch.exactly(CodeSigner.SUBJECT))));
    }

    private Optional<ObjectNode> root(Way way) throws IOException {
        return switch (way) {
            case KEY -> Optional.empty();
            case KEY_LOGGED, CERTIFICATE_LOGGED -> Optional.of(signer.trustRootWithLog());
            case CERTIFICATE_STAMPED -> Optional.of((ObjectNode) PrivateSigstore.JSON.readTree(signer.trustRoot()));
        };
    }

    @Override
    public void close() {
        signer.close();
        registry.close();
    }
}
