package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.failed;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.FailureCode.Malformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.RealmRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.RedirectRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.Throttled;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooLarge;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unauthorized;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a challenge and a token service may say, and what they may not. */
class TokenServiceTest extends Authenticating {
    @Test
    void registryWithoutTlsCannotSendThePasswordElsewhere() {
        for (String realm : List.of("http://" + other.host() + "/token", "https://" + other.host() + "/token")) {
            fake.on(TAGGED, FakeRegistry.status(401, bearer(realm)));

            assertThat(code(tag(as("alice")))).isEqualTo(RealmRefused);
        }
        assertThat(other.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/token", "file:///etc/passwd", "://", "http://u:p@127.0.0.1/token", "https://"})
    void realmThatIsNoAddressIsRefused(String realm) {
        fake.on(TAGGED, FakeRegistry.status(401, bearer(realm)));

        assertThat(code(tag(as("alice")))).isEqualTo(RealmRefused);
    }

    @Test
    void realmAndServiceAreLimited() {
        String padding = "x".repeat(Authenticator.MOST_REALM_CHARACTERS);
        fake.on(TAGGED, FakeRegistry.status(401, bearer(ownRealm() + "?" + padding)));
        assertThat(code(tag(as("alice")))).isEqualTo(RealmRefused);

        fake.on(
                TAGGED,
                FakeRegistry.status(
                        401, "WWW-Authenticate: Bearer realm=\"" + ownRealm() + "\",service=\"" + padding + "x\""));
        assertThat(code(tag(as("alice")))).isEqualTo(RealmRefused);
        assertThat(tokenRequests()).isEmpty();
    }

    @Test
    void tokenServiceIsNotFollowedElsewhere() {
        fake.on(TAGGED, FakeRegistry.status(401, bearer(ownRealm())))
                .on("/token", FakeRegistry.status(307, "Location: http://" + other.host() + "/token"));

        assertThat(code(tag(as("alice")))).isEqualTo(RedirectRefused);
        assertThat(other.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"token\":7}",
                "{\"token\":\"\"}",
                "{\"token\":\"a b\"}",
                "{\"token\":\"a\\r\\nX-Injected: b\"}",
                "{\"token\":\"a\",\"token\":\"b\"}"
            })
    void answerWithoutATokenIsRefused(String answer) {
        fake.on(TAGGED, FakeRegistry.status(401, bearer(ownRealm()))).on("/token", FakeRegistry.json(answer));

        assertThat(code(tag(as("alice")))).isEqualTo(Malformed);
    }

    @Test
    void tokenServicesAnswerIsLimited() {
        fake.on(TAGGED, FakeRegistry.status(401, bearer(ownRealm()))).on("/token", fake.endless());

        assertThat(code(tag(as("alice")))).isEqualTo(TooLarge);
        assertThat(fake.sawTheClientHangUp()).isTrue();
    }

    @Test
    void tokenServicesTroubleIsTold() {
        fake.on(TAGGED, FakeRegistry.status(401, bearer(ownRealm())))
                .on("/token", FakeRegistry.status(429, "Retry-After: 9"));

        assertThat(failed(tag(as("alice"))).code()).isEqualTo(Throttled);
        assertThat(failed(tag(as("alice"))).retryAfter()).contains(Duration.ofSeconds(9));
    }

    @ParameterizedTest
    @ValueSource(strings = {"X: y", "WWW-Authenticate: Negotiate", "WWW-Authenticate: Digest realm=\"x\""})
    void unknownChallengesAreNotAnswered(String challenge) {
        fake.on(TAGGED, FakeRegistry.status(401, challenge));

        assertThat(code(tag(as("alice")))).isEqualTo(Unauthorized);
        assertThat(fake.requests()).hasSize(1);
    }

    @Test
    void tokensKeptAreLimited() {
        RegistryClient alice = as("alice");
        fake.on("/token", FakeRegistry.json("{\"token\":\"t\"}"));
        IntStream.rangeClosed(0, Authenticator.MOST_TOKENS).forEach(i -> {
            fake.on("/v2/r" + i + "/manifests/1", guarded("Bearer t", bearer(ownRealm())));
            assertThat(found(alice.manifest(new Repository(fake.host(), "r" + i).at("1"))))
                    .isNotNull();
        });
        int before = tokenRequests().size();

        assertThat(found(alice.manifest(new Repository(fake.host(), "r1").at("1"))))
                .isNotNull();
        assertThat(tokenRequests()).hasSize(before);
        assertThat(found(alice.manifest(new Repository(fake.host(), "r0").at("1"))))
                .isNotNull();
        assertThat(tokenRequests()).hasSize(before + 1);
    }
}
