package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.image;

import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** What the tests of authentication share: a registry, another host, and what each was asked. */
abstract class Authenticating {
    static final String PATH = "/v2/builders/maven/manifests/";
    static final String TAGGED = PATH + "3.9";

    final FakeRegistry fake = new FakeRegistry();
    final FakeRegistry other = new FakeRegistry();
    final Setting setting = Setting.with(fake, other);

    @AfterEach
    void end() {
        setting.close();
        fake.close();
        other.close();
    }

    RegistryClient as(String user) {
        return setting.registries().client(Setting.credentials(fake.host(), user));
    }

    RegistryAnswer<Manifest> tag(RegistryClient client) {
        return client.manifest(fake.repository().at("3.9"));
    }

    String bearer(String realm) {
        return "WWW-Authenticate: Bearer realm=\"" + realm + "\",service=\"lab\",scope=\"repository:every/thing:*\"";
    }

    String ownRealm() {
        return "http://" + fake.host() + "/token";
    }

    FakeRegistry.Reply guarded(String authorization, String challenge) {
        return (request, out) -> (request.authorization().equals(authorization)
                        ? FakeRegistry.bytes(200, image("a"), "Content-Type: " + MANIFEST)
                        : FakeRegistry.status(401, challenge))
                .to(request, out);
    }

    List<String> tokenRequests() {
        return fake.lines().stream().filter(line -> line.contains("/token")).toList();
    }
}
