package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.Content.LAYER;
import static dev.cleanroom.operator.trust.registry.FailureCode.AddressRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.RealmRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.RedirectRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.TlsFailed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.SelfSigned;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a registry with TLS may not do: lead out of it, or into where it could not go itself. */
class HostileTlsRegistryTest {
    private static final Descriptor BLOB = Content.descriptor("text/plain", LAYER);
    private static final String PATH = "/v2/builders/maven/blobs/" + BLOB.digest();
    private static SelfSigned certificate;

    private final FakeRegistry fake = new FakeRegistry(certificate.context().getServerSocketFactory());
    private final FakeRegistry plain = new FakeRegistry();
    private final FakeRegistry other = new FakeRegistry(certificate.context().getServerSocketFactory());
    private final Setting setting = Setting.with(plain)
            .host(fake.host(), new HostOptions(false, true, List.of(), certificate.pem()))
            .host(other.host(), new HostOptions(false, true, List.of(), certificate.pem()));

    @BeforeAll
    static void certificate(@TempDir Path directory) throws Exception {
        certificate = SelfSigned.in(directory);
    }

    @AfterEach
    void end() {
        setting.close();
        fake.close();
        plain.close();
        other.close();
    }

    private RegistryAnswer<byte[]> blob() {
        return setting.registries()
                .client(Setting.credentials(fake.host(), "alice"))
                .blob(fake.repository(), BLOB);
    }

    private static FakeRegistry.Reply bearer(String realm) {
        return FakeRegistry.status(401, "WWW-Authenticate: Bearer realm=\"" + realm + "\"");
    }

    @Test
    void redirectToPlainHttpIsRefusedEvenWhereThatIsAllowed() {
        fake.on(PATH, FakeRegistry.status(307, "Location: http://" + plain.host() + "/a"));

        assertThat(code(blob())).isEqualTo(RedirectRefused);
        assertThat(plain.requests()).isEmpty();
    }

    @Test
    void realmWithoutTlsGetsNoPassword() {
        fake.on(PATH, bearer("http://" + plain.host() + "/token"));

        assertThat(code(blob())).isEqualTo(RealmRefused);
        assertThat(plain.requests()).isEmpty();
    }

    @Test
    void realmAtAnInternalAddressIsNotAsked() {
        fake.on(PATH, bearer("https://169.254.169.254/token"));
        assertThat(code(blob())).isEqualTo(AddressRefused);

        setting.close();
        try (Setting strict =
                Setting.with().host(fake.host(), new HostOptions(false, true, List.of(), certificate.pem()))) {
            fake.on(PATH, bearer("https://" + other.host() + "/token"));

            assertThat(code(strict.client().blob(fake.repository(), BLOB))).isEqualTo(AddressRefused);
        }
        assertThat(other.requests()).isEmpty();
    }

    @Test
    void realmOfAnotherHostIsTrustedByItsOwnAuthorityOnly() {
        setting.host(other.host(), new HostOptions(false, true, List.of(), null));
        fake.on(PATH, bearer("https://" + other.host() + "/token"));

        assertThat(code(blob())).isEqualTo(TlsFailed);
        assertThat(other.requests()).isEmpty();
    }

    @Test
    void realmOfAnotherHostGivesATokenThatOnlyTheRegistryGets() {
        fake.on(
                PATH,
                (request, out) -> (request.authorization().equals("Bearer t")
                                ? FakeRegistry.status(307, "Location: https://" + other.host() + "/a")
                                : bearer("https://" + other.host() + "/token"))
                        .to(request, out));
        other.on("/token", FakeRegistry.json("{\"token\":\"t\"}")).on("/a", FakeRegistry.bytes(200, LAYER));

        assertThat(found(blob())).isEqualTo(LAYER);
        assertThat(other.requests())
                .extracting(FakeRegistry.Request::authorization)
                .containsExactly(new Credential("alice", "secret-of-alice").basic(), "");
    }
}
