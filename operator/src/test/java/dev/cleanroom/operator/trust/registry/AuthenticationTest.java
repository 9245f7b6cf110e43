package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.failed;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.Content.LAYER;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unauthorized;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who gets a password or a token, and who does not. */
class AuthenticationTest extends Authenticating {
    @Test
    void nothingIsSentBeforeItIsAskedFor() {
        fake.on(TAGGED, FakeRegistry.bytes(200, image("a"), "Content-Type: " + MANIFEST));

        assertThat(found(tag(as("alice")))).isNotNull();
        assertThat(fake.requests().getFirst().authorization()).isEmpty();
    }

    @Test
    void basicIsAnsweredAndRemembered() {
        String expected = new Credential("alice", "secret-of-alice").basic();
        fake.on(TAGGED, guarded(expected, "WWW-Authenticate: Basic realm=\"x\""));
        RegistryClient alice = as("alice");

        assertThat(found(tag(alice))).isNotNull();
        assertThat(found(tag(alice))).isNotNull();
        assertThat(fake.requests())
                .extracting(FakeRegistry.Request::authorization)
                .containsExactly("", expected, expected);
    }

    @Test
    void scopeOfATokenIsOurs() {
        fake.on(TAGGED, guarded("Bearer t", bearer(ownRealm()))).on("/token", FakeRegistry.json("{\"token\":\"t\"}"));

        assertThat(found(tag(as("alice")))).isNotNull();
        assertThat(tokenRequests())
                .containsExactly("GET /token?service=lab&scope=repository%3Abuilders%2Fmaven%3Apull");
        assertThat(fake.requests().get(1).authorization())
                .isEqualTo(new Credential("alice", "secret-of-alice").basic());
    }

    @Test
    void nobodyGetsATokenToo() {
        fake.on(TAGGED, guarded("Bearer t", bearer(ownRealm() + "?a=b")))
                .on("/token", FakeRegistry.json("{\"access_token\":\"t\"}"));

        assertThat(found(tag(setting.client()))).isNotNull();
        assertThat(tokenRequests())
                .containsExactly("GET /token?a=b&service=lab&scope=repository%3Abuilders%2Fmaven%3Apull");
        assertThat(fake.requests().get(1).authorization()).isEmpty();
    }

    @Test
    void tokenLivesAsLongAsItIsGiven() {
        fake.on(TAGGED, guarded("Bearer t", bearer(ownRealm())))
                .on("/token", FakeRegistry.json("{\"token\":\"t\",\"expires_in\":300}"));
        RegistryClient alice = as("alice");

        assertThat(found(tag(alice))).isNotNull();
        setting.clock.advance(Duration.ofSeconds(289));
        assertThat(found(tag(alice))).isNotNull();
        assertThat(tokenRequests()).hasSize(1);

        setting.clock.advance(Duration.ofSeconds(1));
        assertThat(found(tag(alice))).isNotNull();
        assertThat(tokenRequests()).hasSize(2);
    }

    @Test
    void noTokenLivesForEver() {
        fake.on(TAGGED, guarded("Bearer t", bearer(ownRealm())))
                .on("/token", FakeRegistry.json("{\"token\":\"t\",\"expires_in\":2000000000}"));
        RegistryClient alice = as("alice");

        assertThat(found(tag(alice))).isNotNull();
        setting.clock.advance(Authenticator.LONGEST_LIFE);
        assertThat(found(tag(alice))).isNotNull();
        assertThat(tokenRequests()).hasSize(2);
    }

    @Test
    void tokenThatIsShortLivedStillServesOnce() {
        fake.on(TAGGED, guarded("Bearer t", bearer(ownRealm())))
                .on("/token", FakeRegistry.json("{\"token\":\"t\",\"expires_in\":-5}"));

        assertThat(found(tag(as("alice")))).isNotNull();
    }

    @Test
    void oneTenantsTokenIsNoOthers() {
        fake.on(TAGGED, guarded("Bearer t", bearer(ownRealm())))
                .on(
                        "/token",
                        (request, out) -> (request.authorization()
                                                .equals(new Credential("alice", "secret-of-alice").basic())
                                        ? FakeRegistry.json("{\"token\":\"t\"}")
                                        : FakeRegistry.status(401))
                                .to(request, out));

        assertThat(found(tag(as("alice")))).isNotNull();
        int before = fake.requests().size();

        assertThat(code(tag(as("bob")))).isEqualTo(Unauthorized);
        assertThat(code(tag(setting.client()))).isEqualTo(Unauthorized);
        assertThat(fake.requests().subList(before, fake.requests().size()))
                .noneMatch(request -> request.authorization().equals("Bearer t"));
    }

    @Test
    void tokenOfOneRepositoryIsNotSentToAnother() {
        fake.on(TAGGED, guarded("Bearer t", bearer(ownRealm()))).on("/token", FakeRegistry.json("{\"token\":\"t\"}"));
        fake.on("/v2/builders/gradle/manifests/9", guarded("Bearer t", bearer(ownRealm())));
        RegistryClient alice = as("alice");

        assertThat(found(tag(alice))).isNotNull();
        assertThat(found(alice.manifest(new Repository(fake.host(), "builders/gradle").at("9"))))
                .isNotNull();
        assertThat(tokenRequests()).hasSize(2);
    }

    @Test
    void challengeIsAnsweredOnce() {
        fake.on(TAGGED, FakeRegistry.status(401, bearer(ownRealm())))
                .on("/token", FakeRegistry.json("{\"token\":\"t\"}"));

        assertThat(code(tag(as("alice")))).isEqualTo(Unauthorized);
        assertThat(fake.requests()).hasSize(3);
    }

    @Test
    void tokenThatWasRevokedIsReplaced() {
        String[] valid = {"1"};
        fake.on(
                        TAGGED,
                        (request, out) -> guarded("Bearer " + valid[0], bearer(ownRealm()))
                                .to(request, out))
                .on(
                        "/token",
                        (request, out) -> FakeRegistry.json("{\"token\":\"" + valid[0] + "\"}")
                                .to(request, out));
        RegistryClient alice = as("alice");

        assertThat(found(tag(alice))).isNotNull();
        valid[0] = "2";
        assertThat(found(tag(alice))).isNotNull();
        assertThat(tokenRequests()).hasSize(2);
    }

    @Test
    void passwordForOneHostIsNotSentToAnother() {
        fake.on(TAGGED, FakeRegistry.status(401, "WWW-Authenticate: Basic realm=\"x\""));
        RegistryClient client = setting.registries().client(Setting.credentials(other.host(), "alice"));

        assertThat(failed(tag(client)).code()).isEqualTo(Unauthorized);
        assertThat(failed(tag(client)).message()).contains("no pull secret");
        assertThat(fake.requests()).allMatch(request -> request.authorization().isEmpty());
    }

    @Test
    void nothingFollowsARedirectToAnotherHost() {
        String blob = "/v2/builders/maven/blobs/" + Digest.of(LAYER);
        fake.on(
                blob,
                (request, out) -> (request.authorization().isEmpty()
                                ? FakeRegistry.status(401, "WWW-Authenticate: Basic realm=\"x\"")
                                : FakeRegistry.status(307, "Location: http://" + other.host() + "/stolen"))
                        .to(request, out));
        other.on("/stolen", FakeRegistry.status(401, "WWW-Authenticate: Basic realm=\"x\""));
        Descriptor descriptor = Content.descriptor("text/plain", LAYER);

        assertThat(code(as("alice").blob(fake.repository(), descriptor))).isEqualTo(Unauthorized);
        assertThat(other.requests())
                .singleElement()
                .satisfies(request -> assertThat(request.authorization()).isEmpty());
    }

    @Test
    void challengeOfAnotherHostIsNotAnsweredEvenWithoutCredentials() {
        fake.on(TAGGED, FakeRegistry.status(307, "Location: http://" + other.host() + "/x"));
        other.on("/x", FakeRegistry.status(401, bearer("http://" + other.host() + "/token")));

        assertThat(code(tag(as("alice")))).isEqualTo(Unauthorized);
        assertThat(other.lines()).containsExactly("GET /x");
    }
}
