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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the real cosign makes with a certificate of a private authority, given to it or got with an identity token, with
 * timestamps and logs; and what is decided about it.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeylessCosignTest {
    private static final String SCAN = "https://example.com/scan/v1";
    private static final String SCANNED =
            "attestations: [{name: scan, predicateType: " + SCAN + ", cel: predicate.clean, maxAge: 1h}]";

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
        return rooted(trusted.trustRoot(), subject, more);
    }

    private PolicySet rooted(String root, String subject, String... more) {
        String spec = """
                images: ["%s/builders/**"]
                authorities:
                - name: ci
                  keyless:
                    trustRoot: {configMapRef: {name: root, key: trusted_root.json}}
                    identities: [{issuer: "%s", subject: "%s"}]
                """.formatted(registry.address(), CodeSigner.ISSUER, subject) + String.join("\n", more);
        return new PolicySets().of(List.of(Policies.named("ci", spec)), (name, key) -> Optional.of(root));
    }

    private PolicySet attested(CodeSigner trusted) {
        return policy(trusted, CodeSigner.SUBJECT, SCANNED);
    }

    /** Whether cosign thinks well of it: the version that made it, or 3, as 2 takes no trust root for the old format. */
    private boolean verifies(String command, Maker maker, String image, String... more) {
        List<String> flags = new ArrayList<>(List.of(
                "--trusted-root",
                registry.file("root.json", signer.trustRoot()),
                "--use-signed-timestamps",
                "--certificate-identity",
                CodeSigner.SUBJECT,
                "--certificate-oidc-issuer",
                CodeSigner.ISSUER));
        flags.addAll(List.of(more));
        Maker judge = maker == Maker.COSIGN_2 ? Maker.COSIGN_3_LEGACY : maker;
        return registry.verifies(command, judge, image, flags.toArray(String[]::new));
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
        assertThat(verifies("verify", maker, image)).isTrue();
    }

    @Test
    void servicesMayBeNamedInAFileAndTheRootIsGoodForCosign() {
        String services = home.resolve("services.json").toString();
        registry.cosign(3)
                .run(
                        "signing-config",
                        "create",
                        "--tsa",
                        service(signer.timestampAddress(), 1),
                        "--tsa-config",
                        "EXACT:1",
                        "--out",
                        services);
        String[] flags = by(
                "signer",
                "--signing-config=" + services,
                "--trusted-root",
                registry.file("root.json", signer.trustRoot()));
        String image = registry.image();
        registry.sign(Maker.COSIGN_3, image, flags);
        registry.attest(Maker.COSIGN_3, image, SCAN, "{\"clean\":true}", flags);
        assertThat(registry.decide(image, attested(signer))).isEqualTo("Accepted");
    }

    /** As in CI: no key but one that cosign makes and forgets, an identity token, a private Fulcio, a log of Rekor v1 or v2. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anIdentityTokenIsWorthACertificateOfThePrivateAuthority(int rekor) {
        String services = home.resolve("keyless.json").toString();
        registry.cosign(3)
                .run(
                        "signing-config",
                        "create",
                        "--fulcio",
                        service(signer.authorityAddress(), 1),
                        "--rekor",
                        service(signer.logAddress(), rekor),
                        "--rekor-config",
                        "EXACT:1",
                        "--tsa",
                        service(signer.timestampAddress(), 1),
                        "--tsa-config",
                        "EXACT:1",
                        "--out",
                        services);
        String root = signer.trustRootWithLog().toString();
        String[] flags = {
            "--signing-config=" + services,
            "--trusted-root",
            registry.file("logged.json", root),
            "--identity-token",
            signer.token()
        };
        String image = registry.image();
        registry.sign(Maker.COSIGN_3, image, flags);
        assertThat(registry.attached(image)).singleElement().satisfies(bundle -> {
            assertThat(bundle.at("/verificationMaterial/tlogEntries/0/kindVersion/version")
                            .asText())
                    .isEqualTo("0.0." + rekor);
            assertThat(bundle.at("/verificationMaterial/certificate/rawBytes").asText())
                    .isNotEmpty();
        });
        assertThat(registry.decide(image, rooted(root, CodeSigner.SUBJECT))).isEqualTo("Accepted");
        assertThat(registry.decide(image, rooted(root, "https://git.example.com/other")))
                .isEqualTo("IdentityMismatch");
        assertThat(registry.decide(image, rooted(stranger.trustRootWithLog().toString(), CodeSigner.SUBJECT)))
                .isEqualTo("CertificateUntrusted");
        registry.attest(Maker.COSIGN_3, image, SCAN, "{\"clean\":true}", flags);
        assertThat(registry.decide(image, rooted(root, CodeSigner.SUBJECT, SCANNED)))
                .isEqualTo("Accepted");
    }

    private static String service(String address, int version) {
        return "url=" + address + ",api-version=" + version + ",start-time=2024-01-01T00:00:00Z,operator=us";
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "COSIGN_3")
    void theChainThatComesAlongIsPassedOver(Maker maker) {
        String image = withChain(maker);
        assertThat(registry.decide(image, policy(signer, CodeSigner.SUBJECT))).isEqualTo("Accepted");
        assertThat(registry.decide(image, policy(stranger, CodeSigner.SUBJECT))).isEqualTo("CertificateUntrusted");
    }

    /** A bundle of version 0.3 has one certificate; cosign too takes more only with a flag of its own. */
    @Test
    void aChainInABundleIsNotVerifiedByCosignEitherUnlessItIsTold() {
        String image = withChain(Maker.COSIGN_3);
        assertThat(verifies("verify", Maker.COSIGN_3, image)).isFalse();
        assertThat(verifies("verify", Maker.COSIGN_3, image, "--allow-certificate-chain"))
                .isTrue();
        assertThat(registry.decide(image, policy(signer, CodeSigner.SUBJECT))).isEqualTo("BundleMalformed");
    }

    private String withChain(Maker maker) {
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
        return image;
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
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "COSIGN_3_LEGACY")
    void anAttestationIsAsOldAsItsTimestamp(Maker maker) {
        String image = registry.image();
        String[] flags = by("signer", "--timestamp-server-url", signer.timestampAddress());
        registry.sign(maker, image, flags);
        assertThat(registry.decide(image, attested(signer))).isEqualTo("AttestationMissing");
        registry.attest(maker, image, SCAN, "{\"clean\":true}", flags);
        assertThat(registry.decide(image, attested(signer))).isEqualTo("Accepted");
        assertThat(verifies("verify-attestation", maker, image, "--type", SCAN)).isTrue();
    }

    /** Cosign 3 has the signature stamped, and where it verifies the old format looks for a stamp of the whole envelope. */
    @Test
    void aStampedAttestationInTheOldFormatIsNotVerifiedByCosign3Either() {
        String image = registry.image();
        String[] flags = by("signer", "--timestamp-server-url", signer.timestampAddress());
        registry.sign(Maker.COSIGN_3_LEGACY, image, flags);
        registry.attest(Maker.COSIGN_3_LEGACY, image, SCAN, "{\"clean\":true}", flags);
        assertThat(verifies("verify-attestation", Maker.COSIGN_3_LEGACY, image, "--type", SCAN))
                .isFalse();
        assertThat(registry.decide(image, attested(signer))).isEqualTo("TimestampMismatch");
    }
}
