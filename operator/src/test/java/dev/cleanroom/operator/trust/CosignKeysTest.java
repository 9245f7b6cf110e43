package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.trust.CosignedRegistry.Maker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the real cosign signs with keys that it did not make. */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CosignKeysTest {
    private static final String SCAN = "https://example.com/scan/v1";

    private Path home;
    private CosignedRegistry registry;

    @BeforeAll
    void start(@TempDir Path dir) {
        home = dir;
        registry = new CosignedRegistry(true, dir);
    }

    @AfterAll
    void stop() {
        registry.close();
    }

    /** Signs and attests with a new key. */
    private String signed(Maker maker, String name, String family, AlgorithmParameterSpec parameters)
            throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance(family);
        generator.initialize(parameters);
        String pem = registry.file(
                name + ".pem",
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        generator.generateKeyPair().getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        registry.cosign(maker.version).run("import-key-pair", "--key", pem, "--output-key-prefix", name, "--yes");
        String image = registry.image();
        String key = home.resolve(name + ".key").toString();
        registry.sign(maker, image, "--key", key);
        registry.attest(maker, image, SCAN, "{\"clean\":true}", "--key", key);
        return image;
    }

    private String decide(String image, String key) throws IOException {
        TrustPolicy policy = Policies.builders(
                registry.address(),
                Files.readString(home.resolve(key + ".pub")),
                "attestations: [{name: scan, predicateType: " + SCAN + ", cel: predicate.clean}]");
        return registry.decide(image, Policies.set(policy));
    }

    /** Both versions hash as long as the curve is: SHA-384 and SHA-512, which cosign verifies when it is told so alone. */
    @ParameterizedTest
    @EnumSource
    void longerCurves(Maker maker) throws Exception {
        String p384 = signed(maker, "p384-" + maker, "EC", new ECGenParameterSpec("secp384r1"));
        assertThat(decide(p384, "p384-" + maker)).isEqualTo("Accepted");
        String p521 = signed(maker, "p521-" + maker, "EC", new ECGenParameterSpec("secp521r1"));
        assertThat(decide(p521, "p521-" + maker)).isEqualTo("Accepted");
        assertThat(decide(p384, "p521-" + maker)).isEqualTo("SignatureInvalid");
    }

    @ParameterizedTest
    @EnumSource
    void rsa(Maker maker) throws Exception {
        String image =
                signed(maker, "rsa-" + maker, "RSA", new RSAKeyGenParameterSpec(3072, RSAKeyGenParameterSpec.F4));
        assertThat(decide(image, "rsa-" + maker)).isEqualTo("Accepted");
    }

    /** Cosign signs with Ed25519ph, and then does not verify that itself. */
    @ParameterizedTest
    @EnumSource
    void ed25519(Maker maker) throws Exception {
        String name = "ed25519-" + maker;
        String image = signed(maker, name, "Ed25519", NamedParameterSpec.ED25519);
        assertThat(decide(image, name)).isEqualTo("Accepted");
    }
}
