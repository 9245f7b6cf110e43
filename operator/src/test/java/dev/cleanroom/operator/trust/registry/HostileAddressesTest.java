package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.Content.LAYER;
import static dev.cleanroom.operator.trust.registry.FailureCode.AddressRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.CaBundleMalformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.PlainHttpRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.RedirectRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.TlsFailed;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unreachable;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.ClosedPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a registry, a redirect or a name may lead, and where not, by the code it ends in. */
class HostileAddressesTest extends Hostile {
    @Test
    void nobodyThereIsUnreachable() throws IOException {
        try (ClosedPort port = new ClosedPort()) {
            var nobody = new Repository(port.host(), "builders/maven");
            setting.host(port.host(), Setting.HERE);

            assertThat(code(setting.client().manifest(nobody.at("3.9")))).isEqualTo(Unreachable);
        }
    }

    @Test
    void redirectsAreLimited() {
        fake.on(TAGGED, FakeRegistry.status(307, "Location: " + TAGGED));

        assertThat(code(tag())).isEqualTo(RedirectRefused);
        assertThat(fake.requests()).hasSize(Session.MOST_REDIRECTS + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "file:///etc/passwd",
                "ftp://a.example.com/",
                "http:///x",
                "//",
                "http://u:p@a.example.com/",
                "http://a b/"
            })
    void redirectToNoHttpAddressIsRefused(String location) {
        fake.on(path(BLOB), FakeRegistry.status(307, "Location: " + location));

        assertThat(code(blob(BLOB))).isEqualTo(RedirectRefused);
    }

    @Test
    void redirectWithoutALocationIsRefused() {
        fake.on(path(BLOB), FakeRegistry.status(302));

        assertThat(code(blob(BLOB))).isEqualTo(RedirectRefused);
    }

    @Test
    void redirectToAnotherHostIsFollowedForContent() {
        try (FakeRegistry storage = new FakeRegistry()) {
            setting.host(storage.host(), Setting.HERE);
            fake.on(path(BLOB), FakeRegistry.status(307, "Location: http://" + storage.host() + "/a?signature=b"));
            storage.on("/a", FakeRegistry.bytes(200, LAYER));

            assertThat(found(blob(BLOB))).isEqualTo(LAYER);
            assertThat(storage.lines()).containsExactly("GET /a?signature=b");
        }
    }

    @Test
    void redirectToPlainHttpOrInternalAddressesIsRefused() {
        try (FakeRegistry internal = new FakeRegistry()) {
            setting.host(internal.host(), new HostOptions(true, false, List.of(), null));
            fake.on(path(BLOB), FakeRegistry.status(307, "Location: http://" + internal.host() + "/latest/meta-data"));
            assertThat(code(blob(BLOB))).isEqualTo(AddressRefused);

            fake.on(path(BLOB), FakeRegistry.status(307, "Location: https://169.254.169.254/latest/meta-data"));
            assertThat(code(blob(BLOB))).isEqualTo(AddressRefused);

            fake.on(path(BLOB), FakeRegistry.status(307, "Location: http://169.254.169.254/latest/meta-data"));
            assertThat(code(blob(BLOB))).isEqualTo(PlainHttpRefused);
            assertThat(internal.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254", "127.0.0.1", "::1", "fe80::1", "100.100.100.200", "64:ff9b::a9fe:a9fe"})
    void nameThatLeadsInsideIsRefusedWherever(String address) {
        Registries registries = setting.registries(
                host -> new InetAddress[] {InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral(address)});
        ImageReference reference = found(ImageReference.parse("registry.example.com/maven:1"));

        assertThat(code(registries.client(Credentials.NONE).manifest(reference)))
                .isEqualTo(AddressRefused);
    }

    @Test
    void addressInTheReferenceIsCheckedToo() {
        for (String host : List.of("127.0.0.1:1", "[::1]:1", "169.254.169.254", "localhost", "0.0.0.0:1")) {
            ImageReference reference = found(ImageReference.parse(host + "/maven:1"));

            assertThat(code(setting.client().manifest(reference))).as(host).isEqualTo(AddressRefused);
        }
    }

    @Test
    void nameWithoutAnAddressIsUnreachable() {
        Registries registries = setting.registries(host -> {
            throw new UnknownHostException(host);
        });

        assertThat(code(registries
                        .client(Credentials.NONE)
                        .manifest(found(ImageReference.parse("registry.example.com/maven:1")))))
                .isEqualTo(Unreachable);
    }

    @Test
    void serverWithoutTlsIsNotSpokenToInTheClear() {
        setting.host(fake.host(), new HostOptions(false, true, List.of(), null));

        assertThat(code(tag())).isEqualTo(TlsFailed);
        assertThat(fake.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
    void caBundleThatCannotBeReadIsNoOther(String bundle) {
        setting.host(fake.host(), new HostOptions(false, true, List.of(), bundle));

        assertThat(code(tag())).isEqualTo(CaBundleMalformed);
        assertThat(fake.requests()).isEmpty();
    }
}
