package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.Asked.code;
import static dev.cleanroom.operator.trust.registry.Asked.failed;
import static dev.cleanroom.operator.trust.registry.Asked.found;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static dev.cleanroom.operator.trust.registry.FailureCode.NotFound;
import static dev.cleanroom.operator.trust.registry.FailureCode.Throttled;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unauthorized;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several credentials for one registry, as while a password is replaced: all are tried, as a kubelet does. */
class CredentialsInTurnTest extends Authenticating {
    private static final String BASIC = "WWW-Authenticate: Basic realm=\"x\"";

    private Credentials users(String... users) {
        return Stream.of(users)
                .map(user -> Setting.credentials(fake.host(), user))
                .reduce(Credentials.NONE, Credentials::and);
    }

    private RegistryClient as(Credentials credentials) {
        return setting.registries().client(credentials);
    }

    private static String basic(String user) {
        return new Credential(user, "secret-of-" + user).basic();
    }

    private List<String> sent() {
        return fake.requests().stream().map(FakeRegistry.Request::authorization).toList();
    }

    /** A request without credentials is challenged, bob gets the image, and all others get this status. */
    private void onlyBobMayRead(int status) {
        fake.on(
                TAGGED,
                (request, out) -> (request.authorization().isEmpty()
                                ? FakeRegistry.status(401, BASIC)
                                : request.authorization().equals(basic("bob"))
                                        ? FakeRegistry.bytes(200, image("a"), "Content-Type: " + MANIFEST)
                                        : FakeRegistry.status(status))
                        .to(request, out));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404})
    void theNextOneIsTriedWhereOneIsRefused(int status) {
        onlyBobMayRead(status);
        RegistryClient client = as(users("alice", "carol", "bob", "dave"));

        assertThat(found(tag(client))).isNotNull();
        assertThat(found(tag(client))).isNotNull();
        assertThat(sent()).containsExactly("", basic("alice"), basic("carol"), basic("bob"), basic("bob"));
    }

    @Test
    void theNextOneIsTriedWhereTheTokenServiceRefusesOne() {
        fake.on(TAGGED, guarded("Bearer t", bearer(ownRealm())))
                .on(
                        "/token",
                        (request, out) -> (request.authorization().equals(basic("bob"))
                                        ? FakeRegistry.json("{\"token\":\"t\"}")
                                        : FakeRegistry.status(401))
                                .to(request, out));

        assertThat(found(tag(as(users("alice", "bob"))))).isNotNull();
        assertThat(sent()).containsExactly("", basic("alice"), basic("bob"), "Bearer t");
    }

    /** Some token services give everyone a token, with or without rights. */
    @Test
    void theNextOneIsTriedWhereATokenHasNoRights() {
        fake.on(TAGGED, guarded("Bearer of-bob", bearer(ownRealm())))
                .on(
                        "/token",
                        (request, out) -> FakeRegistry.json(
                                        request.authorization().equals(basic("bob"))
                                                ? "{\"token\":\"of-bob\"}"
                                                : "{\"token\":\"of-nobody\"}")
                                .to(request, out));

        assertThat(found(tag(as(users("alice", "bob"))))).isNotNull();
        assertThat(sent()).containsExactly("", basic("alice"), "Bearer of-nobody", basic("bob"), "Bearer of-bob");
    }

    @Test
    void whereAllAreRefusedNoAnonymousRequestFollows() {
        onlyBobMayRead(401);

        assertThat(code(tag(as(users("alice", "carol"))))).isEqualTo(Unauthorized);
        assertThat(sent()).containsExactly("", basic("alice"), basic("carol"));
    }

    /** The first may get the right later; its client lives as long as the Secret stays the same. */
    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404})
    void whatWasRefusedIsNotKept(int status) {
        RegistryClient client = as(users("bob", "carol"));
        fake.on(
                TAGGED,
                (request, out) -> FakeRegistry.status(request.authorization().isEmpty() ? 401 : status, BASIC)
                        .to(request, out));
        assertThat(code(tag(client))).isEqualTo(status == 404 ? NotFound : Unauthorized);

        onlyBobMayRead(status);

        assertThat(found(tag(client))).isNotNull();
    }

    /** It was accepted once, and is no more. */
    @Test
    void aCredentialThatLostItsRightGivesWayToAnother() {
        String[] reader = {"alice"};
        fake.on(
                TAGGED,
                (request, out) -> (request.authorization().isEmpty()
                                ? FakeRegistry.status(401, BASIC)
                                : request.authorization().equals(basic(reader[0]))
                                        ? FakeRegistry.bytes(200, image("a"), "Content-Type: " + MANIFEST)
                                        : FakeRegistry.status(403))
                        .to(request, out));
        RegistryClient client = as(users("alice", "bob"));
        assertThat(found(tag(client))).isNotNull();
        reader[0] = "bob";

        assertThat(code(tag(client))).isEqualTo(Unauthorized);
        assertThat(found(tag(client))).isNotNull();
    }

    @Test
    void notFoundIsReportedBeforeTheRefusalOfAnother() {
        fake.on(
                TAGGED,
                (request, out) -> FakeRegistry.status(request.authorization().equals(basic("alice")) ? 404 : 401, BASIC)
                        .to(request, out));

        assertThat(code(tag(as(users("alice", "carol"))))).isEqualTo(NotFound);
    }

    @Test
    void anotherFailureIsNotARefusal() {
        fake.on(
                TAGGED,
                (request, out) -> (request.authorization().isEmpty()
                                ? FakeRegistry.status(401, BASIC)
                                : FakeRegistry.status(429))
                        .to(request, out));

        assertThat(code(tag(as(users("alice", "bob"))))).isEqualTo(Throttled);
        assertThat(sent()).containsExactly("", basic("alice"));
    }

    @Test
    void aLimitedNumberIsTried() {
        onlyBobMayRead(401);
        String[] many = IntStream.range(0, Authenticator.MOST_CREDENTIALS)
                .mapToObj(i -> "user-" + i)
                .toArray(String[]::new);

        assertThat(code(tag(as(users(many).and(users("bob")))))).isEqualTo(Unauthorized);
        assertThat(sent()).hasSize(1 + Authenticator.MOST_CREDENTIALS);
    }

    @Test
    void aPushTriesThemToo() {
        byte[] bytes = image("a");
        fake.on(
                PATH + Digest.of(bytes),
                (request, out) -> FakeRegistry.status(request.authorization().equals(basic("bob")) ? 201 : 401, BASIC)
                        .to(request, out));

        assertThat(found(setting.registries()
                        .pusher(users("alice", "bob"))
                        .manifest(fake.repository(), MANIFEST, bytes)))
                .isEqualTo(Digest.of(bytes));
    }

    private Credentials unused(Optional<CredentialScope> scope) {
        return new Credentials(List.of(), List.of(new Credentials.Unused("odd", scope, "the entry is not used")));
    }

    @Test
    void unauthorizedNamesTheEntryThatIsNotUsed() {
        String problem = "; Secret odd: the entry is not used";
        Credentials odd = unused(Optional.of(new CredentialScope(fake.host(), "")));

        fake.on(TAGGED, FakeRegistry.status(401, BASIC));
        assertThat(failed(tag(as(odd))).code()).isEqualTo(Unauthorized);
        assertThat(failed(tag(as(odd))).message())
                .isEqualTo("the registry requires credentials, and no pull secret has any for it" + problem);

        fake.on(TAGGED, FakeRegistry.status(401, bearer(ownRealm()))).on("/token", FakeRegistry.status(401));
        assertThat(failed(tag(as(odd))).message()).isEqualTo("the token service answered HTTP 401" + problem);

        fake.on(TAGGED, FakeRegistry.status(403));
        assertThat(failed(tag(as(odd))).message()).isEqualTo("the registry answered HTTP 403" + problem);

        fake.on(TAGGED, FakeRegistry.status(503));
        assertThat(failed(tag(as(odd))).message()).isEqualTo("the registry answered HTTP 503");
    }

    @Test
    void anEntryForAnotherRegistryExplainsNothing() {
        fake.on(TAGGED, FakeRegistry.status(401, BASIC));
        Credentials odd = unused(Optional.of(new CredentialScope("registry.example.com", "")));

        assertThat(failed(tag(as(odd))).message()).doesNotContain("odd");
    }
}
