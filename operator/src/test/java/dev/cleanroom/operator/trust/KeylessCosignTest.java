package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.trust.CosignedRegistry.Maker;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.policy.PolicySets;
import dev.cleanroom.operator.trust.sigstore.CodeSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the real cosign makes with a certificate of a private authority and a timestamp instead of a log, and what is
 * decided about it.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeylessCosignTest {
    private CosignedRegistry registry;
    private CodeSigner signer;
    private CodeSigner stranger;
    private Path home;

    @BeforeAll
    void start(@TempDir Path dir) throws IOException {
        home = dir;
        registry = new CosignedRegistry(true, dir);
        signer = signer("signer");
        stranger = signer("stranger");
    }

    /** Its files are NAME.key, NAME.crt and NAME.chain. */
    private CodeSigner signer(String name) throws IOException {
        var made = new CodeSigner();
        Path pem = Files.writeString(home.resolve(name + ".pem"), made.keyPem());
        Files.writeString(home.resolve(name + ".crt"), made.certificatePem());
        Files.writeString(home.resolve(name + ".chain"), made.chainPem());
        registry.cosign(3).run("import-key-pair", "--key", pem.toString(), "--output-key-prefix", name, "--yes");
        return made;
    }

    @AfterAll
    void stop() {
        stranger.close();
        signer.close();
        registry.close();
    }

    private String[] by(String name, String... more) {
        List<String> flags = new ArrayList<>(List.of(
                "--key",
                home.resolve(name + ".key").toString(),
                "--certificate",
                home.resolve(name + ".crt").toString()));
        flags.addAll(List.of(more));
        return flags.toArray(String[]::new);
    }

    private PolicySet policy(CodeSigner trusted, String subject, String... more) {
        String spec = """
                images: ["%s/builders/**"]
                authorities:
                - name: ci
                  keyless:
                    trustRoot: {configMapRef: {name: root, key: trusted_root.json}}
                    identities: [{issuer: "%s", subject: "%s"}]
                """.formatted(registry.address(), CodeSigner.ISSUER, subject) + String.join("\n", more);
        return new PolicySets()
                .of(List.of(Policies.named("ci", spec)), (name, key) -> Optional.of(trusted.trustRoot()));
    }

    private PolicySet attested(CodeSigner trusted) {
        return policy(
                trusted,
                CodeSigner.SUBJECT,
                "attestations: [{name: scan, predicateType: https://example.com/scan/v1, cel: predicate.clean, maxAge: 1h}]");
    }

    @ParameterizedTest
    @EnumSource
    void anIdentityOfThePrivateAuthorityIsAcceptedAtTheTimeOfItsTimestamp(Maker maker) {
        String image = registry.image();
        registry.sign(maker, image, by("signer", "--timestamp-server-url", signer.timestampAddress()));
        assertThat(registry.decide(image, policy(signer, CodeSigner.SUBJECT))).isEqualTo("Accepted");
        assertThat(registry.decide(image, policy(signer, "https://git.example.com/other")))
                .isEqualTo("IdentityMismatch");
        assertThat(registry.decide(image, policy(stranger, CodeSigner.SUBJECT))).isEqualTo("CertificateUntrusted");
    }

    @ParameterizedTest
    @EnumSource
    void withTheChainBesideIt(Maker maker) {
        String image = registry.image();
        registry.sign(
                maker,
                image,
                by(
                        "signer",
                        "--certificate-chain",
                        home.resolve("signer.chain").toString(),
                        "--timestamp-server-url",
                        signer.timestampAddress()));
        assertThat(registry.decide(image, policy(signer, CodeSigner.SUBJECT))).isEqualTo("Accepted");
        assertThat(registry.decide(image, policy(stranger, CodeSigner.SUBJECT))).isEqualTo("CertificateUntrusted");
    }

    @ParameterizedTest
    @EnumSource
    void aStrangersTimestampOrNoneIsNoTime(Maker maker) {
        String image = registry.image();
        registry.sign(maker, image, by("signer"));
        assertThat(registry.decide(image, policy(signer, CodeSigner.SUBJECT))).isEqualTo("TimestampMissing");
        String stamped = registry.image();
        registry.sign(maker, stamped, by("signer", "--timestamp-server-url", stranger.timestampAddress()));
        assertThat(registry.decide(stamped, policy(signer, CodeSigner.SUBJECT))).isEqualTo("TimestampUntrusted");
    }

    @ParameterizedTest
    @EnumSource
    void anAttestationIsAsOldAsItsTimestamp(Maker maker) {
        String image = registry.image();
        String[] flags = by("signer", "--timestamp-server-url", signer.timestampAddress());
        registry.sign(maker, image, flags);
        assertThat(registry.decide(image, attested(signer))).isEqualTo("AttestationMissing");
        registry.attest(maker, image, "https://example.com/scan/v1", "{\"clean\":true}", flags);
        assertThat(registry.decide(image, attested(signer))).isEqualTo("Accepted");
    }
}
