package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.Content.CONFIG;
import static dev.cleanroom.operator.trust.registry.Content.INDEX;
import static dev.cleanroom.operator.trust.registry.Content.LAYER;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.descriptor;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static dev.cleanroom.operator.trust.registry.Content.index;
import static dev.cleanroom.operator.trust.registry.Content.json;
import static dev.cleanroom.operator.trust.registry.Content.referrer;
import static dev.cleanroom.operator.trust.registry.FailureCode.NotFound;
import static dev.cleanroom.operator.trust.registry.FailureCode.TlsFailed;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unauthorized;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.LabRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against two real registries: go-containerregistry's with the referrers API, distribution's without. */
@Tag("lab")
class RealRegistriesTest {
    private static final byte[] IMAGE = image("a");

    private static Registries registries(LabRegistry lab, HostOptions options) {
        return new Registries(new RegistryOptions(Map.of(lab.address(), options)), Patience.DEFAULT, Clock.systemUTC());
    }

    private static HostOptions plain() {
        return new HostOptions(true, true, List.of(), null);
    }

    private static HostOptions tls(String certificate) {
        return new HostOptions(false, true, List.of(), certificate);
    }

    private static Credentials account(LabRegistry lab) {
        return new Credentials(
                List.of(new Credentials.Entry(
                        new CredentialScope(lab.address(), "builders"),
                        new Credential(lab.username(), lab.password()))),
                List.of());
    }

    private static Repository repository(LabRegistry lab) {
        return new Repository(lab.address(), "builders/maven");
    }

    private static void pushBlob(RegistryPusher pusher, Repository repository, byte[] blob) {
        assertThat(found(pusher.blob(repository, Digest.of(blob), blob.length, () -> new ByteArrayInputStream(blob))))
                .isEqualTo(Digest.of(blob));
    }

    private static void pushImage(RegistryPusher pusher, Repository repository) {
        pushBlob(pusher, repository, CONFIG);
        pushBlob(pusher, repository, LAYER);
        assertThat(found(pusher.manifest(repository, "3.9", MANIFEST, IMAGE))).isEqualTo(Digest.of(IMAGE));
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void whatWasPushedIsFound(boolean referrers) {
        try (LabRegistry lab = LabRegistry.start("--referrers=" + referrers);
                Registries registries = registries(lab, plain())) {
            Repository repository = repository(lab);
            RegistryPusher pusher = registries.pusher(Credentials.NONE);
            RegistryClient client = registries.client(Credentials.NONE);
            pushImage(pusher, repository);
            pushImage(pusher, repository);

            Manifest.Image byTag = (Manifest.Image) found(client.manifest(repository.at("3.9")));
            assertThat(byTag.content().bytes()).isEqualTo(IMAGE);
            assertThat(found(client.manifest(repository.at(byTag.digest()))).digest())
                    .isEqualTo(Digest.of(IMAGE));
            assertThat(found(client.blob(repository, byTag.layers().getFirst())))
                    .isEqualTo(LAYER);
            ByteArrayOutputStream copy = new ByteArrayOutputStream();
            assertThat(found(client.copy(repository, byTag.layers().getFirst(), LAYER.length, () -> copy)))
                    .isEqualTo(LAYER.length);
            assertThat(copy.toByteArray()).isEqualTo(LAYER);

            assertThat(code(client.manifest(repository.at("none")))).isEqualTo(NotFound);
            assertThat(code(client.manifest(repository.at(Digest.of(LAYER))))).isEqualTo(NotFound);
            assertThat(code(client.blob(repository, descriptor("text/plain", Content.bytes("none")))))
                    .isEqualTo(NotFound);
            assertThat(code(client.manifest(new Repository(lab.address(), "none").at("1"))))
                    .isEqualTo(NotFound);
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void referrersAreFound(boolean api) {
        try (LabRegistry lab = LabRegistry.start("--referrers=" + api);
                Registries registries = registries(lab, plain())) {
            Repository repository = repository(lab);
            RegistryPusher pusher = registries.pusher(Credentials.NONE);
            RegistryClient client = registries.client(Credentials.NONE);
            pushImage(pusher, repository);
            assertThat(found(client.referrers(repository, Digest.of(IMAGE))).descriptors())
                    .isEmpty();

            byte[] first = referrer(descriptor(MANIFEST, IMAGE), "1");
            byte[] second = referrer(descriptor(MANIFEST, IMAGE), "2");
            for (byte[] pushed : List.of(first, second, second)) {
                assertThat(found(pusher.manifest(repository, MANIFEST, pushed))).isEqualTo(Digest.of(pushed));
            }

            Referrers listed = found(client.referrers(repository, Digest.of(IMAGE)));
            assertThat(listed.descriptors())
                    .extracting(Descriptor::digest)
                    .containsExactlyInAnyOrder(Digest.of(first), Digest.of(second));
            assertThat(listed.malformed()).isZero();
            assertThat(listed.incomplete()).isNull();
            assertThat(found(client.manifest(repository, listed.descriptors().getFirst()))
                            .subject())
                    .isEqualTo(descriptor(MANIFEST, IMAGE));
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void imageOfAnIndexAndLegacySignaturesAreFound(boolean referrers) {
        try (LabRegistry lab = LabRegistry.start("--referrers=" + referrers);
                Registries registries = registries(lab, plain())) {
            Repository repository = repository(lab);
            RegistryPusher pusher = registries.pusher(Credentials.NONE);
            RegistryClient client = registries.client(Credentials.NONE);
            pushImage(pusher, repository);
            byte[] index = index(json(descriptor(MANIFEST, IMAGE), "{\"os\":\"linux\",\"architecture\":\"amd64\"}"));
            assertThat(found(pusher.manifest(repository, "multi", INDEX, index)))
                    .isEqualTo(Digest.of(index));
            String signature = Digest.of(index).legacySignatureTag();
            assertThat(found(pusher.manifest(repository, signature, MANIFEST, image("sig"))))
                    .isNotNull();

            Manifest.Index found = (Manifest.Index) found(client.manifest(repository.at("multi")));
            assertThat(found(client.choose(repository, found, new Platform("linux", "amd64", null)))
                            .digest())
                    .isEqualTo(Digest.of(IMAGE));
            assertThat(found(client.manifest(repository.at(found.digest().legacySignatureTag())))
                            .digest())
                    .isEqualTo(Digest.of(image("sig")));
            assertThat(code(client.manifest(repository.at(found.digest().legacyAttestationTag()))))
                    .isEqualTo(NotFound);
        }
    }

    @ParameterizedTest
    @CsvSource({"--basic-auth, true", "--basic-auth, false", "--token-auth, true", "--token-auth, false"})
    void accountIsAskedForOverTls(String guard, boolean referrers) {
        try (LabRegistry lab = LabRegistry.start("--tls", guard, "--referrers=" + referrers);
                Registries registries = registries(lab, tls(lab.certificate()))) {
            Repository repository = repository(lab);
            pushImage(registries.pusher(account(lab)), repository);

            assertThat(found(registries.client(account(lab)).manifest(repository.at("3.9")))
                            .digest())
                    .isEqualTo(Digest.of(IMAGE));
            assertThat(code(registries.client(Credentials.NONE).manifest(repository.at("3.9"))))
                    .isEqualTo(Unauthorized);
            // The account's entry is for "builders" alone.
            assertThat(code(registries.client(account(lab)).manifest(new Repository(lab.address(), "other").at("1"))))
                    .isEqualTo(Unauthorized);
            Credentials wrong = new Credentials(
                    List.of(new Credentials.Entry(
                            new CredentialScope(lab.address(), ""), new Credential(lab.username(), "guess"))),
                    List.of());
            assertThat(code(registries.client(wrong).manifest(repository.at("3.9"))))
                    .isEqualTo(Unauthorized);
            assertThat(code(registries.pusher(wrong).manifest(repository, MANIFEST, IMAGE)))
                    .isEqualTo(Unauthorized);
        }
    }

    @Test
    void authorityMustBeTheOneGiven() {
        try (LabRegistry lab = LabRegistry.start("--tls");
                LabRegistry other = LabRegistry.start("--tls")) {
            for (String authority : new String[] {null, other.certificate()}) {
                try (Registries registries = registries(lab, tls(authority))) {
                    assertThat(code(registries
                                    .client(Credentials.NONE)
                                    .manifest(repository(lab).at("3.9"))))
                            .isEqualTo(TlsFailed);
                }
            }
        }
    }
}
