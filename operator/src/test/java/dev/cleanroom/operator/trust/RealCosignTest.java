package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.trust.CosignedRegistry.Maker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the real cosign makes by key, and what is decided about it. */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealCosignTest {
    private static final String PROVENANCE = "https://slsa.dev/provenance/v1";
    private static final String TRUSTED = "https://builder.example.com/trusted";
    private static final String PREDICATE = """
            {"buildDefinition": {"buildType": "https://example.com/build/v1", "externalParameters": {"ünïcode": "☃ <&>"}},
             "runDetails": {"builder": {"id": "%s"}}}
            """.formatted(TRUSTED);

    private Path home;
    private CosignedRegistry registry;
    private Key ours;
    private Key strangers;

    /** A pair: a file, and the public half. */
    private record Key(Path secret, String pem) {}

    @BeforeAll
    void start(@TempDir Path dir) throws IOException {
        home = dir;
        registry = new CosignedRegistry(hasReferrersApi(), dir);
        ours = generated(3, "ours");
        strangers = generated(2, "strangers");
    }

    @AfterAll
    void stop() {
        registry.close();
    }

    boolean hasReferrersApi() {
        return true;
    }

    private Key generated(int version, String name) throws IOException {
        registry.cosign(version).run("generate-key-pair", "--output-key-prefix", name);
        return key(name);
    }

    private Key key(String name) throws IOException {
        return new Key(home.resolve(name + ".key"), Files.readString(home.resolve(name + ".pub")));
    }

    private void sign(Maker maker, Key key, String image, String... more) {
        List<String> flags = new ArrayList<>(List.of(more));
        flags.addAll(List.of("--key", key.secret().toString()));
        registry.sign(maker, image, flags.toArray(String[]::new));
    }

    private void attest(Maker maker, Key key, String image, String type, String predicate) {
        registry.attest(maker, image, type, predicate, "--key", key.secret().toString());
    }

    private String decide(String image, TrustPolicy policy) {
        return registry.decide(image, Policies.set(policy));
    }

    private TrustPolicy signedBy(Key key, String... more) {
        return Policies.builders(registry.address(), key.pem(), more);
    }

    private TrustPolicy attestedBy(Key key, String type, String cel) {
        return signedBy(key, "attestations: [{name: it, predicateType: " + type + ", cel: \"" + cel + "\"}]");
    }

    @ParameterizedTest
    @EnumSource
    void aSignatureIsAcceptedByItsKeyAloneAndInItsFormat(Maker maker) {
        String image = registry.image();
        assertThat(decide(image, signedBy(ours))).isEqualTo("SignatureMissing");
        sign(maker, ours, image);
        assertThat(decide(image, signedBy(ours))).isEqualTo("Accepted");
        assertThat(decide(image, signedBy(strangers))).isEqualTo("SignatureInvalid");
        assertThat(decide(image, signedBy(ours, "formats: [" + maker.format + "]")))
                .isEqualTo("Accepted");
        assertThat(decide(image, signedBy(ours, "formats: [" + maker.otherFormat() + "]")))
                .isEqualTo("SignatureMissing");
        assertThat(decide(registry.image(), signedBy(ours))).isEqualTo("SignatureMissing");
    }

    @ParameterizedTest
    @EnumSource
    void aSignatureWithAnnotationsIsOne(Maker maker) {
        String image = registry.image();
        sign(maker, ours, image, "-a", "team=builders", "-a", "note=ünïcode ☃ <&>");
        assertThat(decide(image, signedBy(ours))).isEqualTo("Accepted");
    }

    @ParameterizedTest
    @EnumSource
    void anAttestationIsReadWhenItsKeySigned(Maker maker) {
        String trusted = "predicate.runDetails.builder.id == '" + TRUSTED + "'";
        String image = registry.image();
        sign(maker, ours, image);
        assertThat(decide(image, attestedBy(ours, PROVENANCE, trusted))).isEqualTo("AttestationMissing");
        attest(maker, ours, image, "slsaprovenance1", PREDICATE);
        assertThat(decide(image, attestedBy(ours, PROVENANCE, trusted))).isEqualTo("Accepted");
        assertThat(decide(image, attestedBy(ours, PROVENANCE, "predicate.runDetails.builder.id == 'x'")))
                .isEqualTo("PredicateRefused");
        assertThat(decide(image, attestedBy(ours, "https://cyclonedx.org/bom", "true")))
                .isEqualTo("AttestationMissing");

        String other = registry.image();
        sign(maker, ours, other);
        attest(maker, strangers, other, "slsaprovenance1", PREDICATE);
        assertThat(decide(other, attestedBy(ours, PROVENANCE, trusted))).isEqualTo("SignatureInvalid");
    }

    @ParameterizedTest
    @EnumSource
    void anAttestationIsNoSignature(Maker maker) {
        String image = registry.image();
        attest(maker, ours, image, "slsaprovenance1", PREDICATE);
        assertThat(decide(image, signedBy(ours)))
                .isEqualTo(maker.isBundle() ? "PredicateTypeUnexpected" : "SignatureMissing");
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeOfPredicateIsReadAsCosignWritesIt(Maker maker) {
        String image = registry.image();
        sign(maker, ours, image);
        attest(maker, ours, image, "custom", "{\"scanned\":true}");
        attest(maker, ours, image, "https://example.com/scan/v1", "{\"scanned\":true}");
        attest(maker, ours, image, "cyclonedx", "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\"}");
        attest(maker, ours, image, "spdxjson", "{\"spdxVersion\":\"SPDX-2.3\"}");
        assertThat(decide(image, attestedBy(ours, "https://cosign.sigstore.dev/attestation/v1", "'Data' in predicate")))
                .isEqualTo("Accepted");
        assertThat(decide(image, attestedBy(ours, "https://example.com/scan/v1", "predicate.scanned")))
                .isEqualTo("Accepted");
        assertThat(decide(image, attestedBy(ours, "https://cyclonedx.org/bom", "predicate.bomFormat == 'CycloneDX'")))
                .isEqualTo("Accepted");
        assertThat(decide(image, attestedBy(ours, "https://spdx.dev/Document", "predicate.spdxVersion == 'SPDX-2.3'")))
                .isEqualTo("Accepted");
    }

    @ParameterizedTest
    @EnumSource
    void oneWhoSignsTwiceIsOneAndTwoAreTwo(Maker maker) {
        TrustPolicy both = Policies.named("both", """
                images: ["%s/builders/**"]
                authorities: [%s, %s]
                """.formatted(
                registry.address(), Policies.byKey("ours", ours.pem()), Policies.byKey("strangers", strangers.pem())));
        String image = registry.image();
        sign(maker, ours, image);
        sign(maker, ours, image);
        assertThat(decide(image, both)).isEqualTo("ThresholdNotMet");
        sign(maker, strangers, image);
        assertThat(decide(image, both)).isEqualTo("Accepted");
    }

    @ParameterizedTest
    @EnumSource
    void anIndexIsSignedAloneOrWithItsImages(Maker maker) {
        String image = registry.image();
        String index = registry.index(image);
        sign(maker, ours, index);
        assertThat(decide(index, signedBy(ours))).isEqualTo("Accepted");
        assertThat(decide(image, signedBy(ours))).isEqualTo("SignatureMissing");
        sign(maker, ours, index, "--recursive");
        assertThat(decide(image, signedBy(ours))).isEqualTo("Accepted");
    }

    /** As GitHub's action attests: no signature but the attestation's own. */
    @ParameterizedTest
    @EnumSource
    void anAttestationAloneCountsForWhatItIsAttachedTo(Maker maker) {
        TrustPolicy alone =
                signedBy(ours, "threshold: 0", "attestations: [{name: provenance, predicateType: " + PROVENANCE + "}]");
        String image = registry.image();
        String index = registry.index(image);
        sign(maker, ours, image);
        assertThat(decide(image, alone)).as("signed only").isEqualTo("AttestationMissing");
        attest(maker, ours, image, "slsaprovenance1", PREDICATE);
        assertThat(decide(image, alone)).isEqualTo("Accepted");
        assertThat(decide(index, alone)).as("attested below it").isEqualTo("AttestationMissing");
        String attachedToTheImage =
                "It is an index, so what is attached to its images does not count, as to the image for linux/amd64, "
                        + image.substring(image.indexOf("sha256:"));
        assertThat(registry.rejection(index, Policies.set(alone))).contains(attachedToTheImage);
        assertThat(registry.rejection(index, Policies.set(signedBy(ours)))).contains(attachedToTheImage);

        String other = registry.image();
        String attested = registry.index(other);
        attest(maker, ours, attested, "slsaprovenance1", PREDICATE);
        assertThat(decide(attested, alone)).isEqualTo("Accepted");
        assertThat(decide(other, alone)).as("attested above it").isEqualTo("AttestationMissing");
        assertThat(registry.rejection(other, Policies.set(alone)))
                .contains("It is a single image, so what is attached to an index that lists it does not count");
        assertThat(decide(
                        attested,
                        signedBy(
                                strangers,
                                "threshold: 0",
                                "attestations: [{name: provenance, predicateType: " + PROVENANCE + "}]")))
                .isEqualTo("SignatureInvalid");
    }

    /** The lab signs images for demo and tests; this holds that it does so as cosign does. */
    @ParameterizedTest
    @EnumSource
    void whatTheLabSignsIsGoodForCosign(Maker maker) {
        List<String> good = maker.isBundle() ? List.of("maven:3.9", "python:3.14") : List.of("legacy:1");
        for (String image : good) {
            assertThat(verifies(maker, image)).as(image).isTrue();
        }
        for (String image : List.of("stranger:1", "unsigned:1")) {
            assertThat(verifies(maker, image)).as(image).isFalse();
        }
    }

    private boolean verifies(Maker maker, String image) {
        return registry.verifies(
                maker,
                registry.address() + "/builders/" + image,
                "--key",
                home.resolve("cosign.pub").toString());
    }
}
