package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.trust.ImageRequest.Tenant;
import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.FakeRegistry;
import dev.cleanroom.operator.trust.registry.RegistryClient;
import dev.cleanroom.operator.trust.registry.Setting;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TenantsTest {
    private static final Tenant A = new Tenant("team-a", List.of("pull"), List.of());
    private static final Tenant B = new Tenant("team-b", List.of("pull"), List.of());
    private static final String PATH = "/v2/builders/maven/manifests/3.9";

    private final FakeRegistry fake = new FakeRegistry();
    private final Setting setting = Setting.with(fake);
    private final Map<Tenant, PullSecretSource.PullCredentials> secrets = new HashMap<>();
    private int reads;

    private final Tenants tenants = new Tenants(
            setting.registries(),
            tenant -> {
                reads++;
                return secrets.get(tenant);
            },
            setting.clock);

    @AfterEach
    void end() {
        setting.close();
        fake.close();
    }

    private void logIn(Tenant tenant, String user) {
        secrets.put(tenant, new PullSecretSource.PullCredentials.Readable(Setting.credentials(fake.host(), user)));
    }

    private void takeAway(Tenant tenant) {
        secrets.put(
                tenant,
                new PullSecretSource.PullCredentials.Unreadable(
                        new ImageDecision.Unresolved("CredentialsUnreadable", "no")));
    }

    private RegistryClient client(Tenant tenant) {
        return ((Tenants.Access.Granted) tenants.access(tenant)).client();
    }

    private static String basic(String user) {
        return "Basic "
                + Base64.getEncoder().encodeToString((user + ":secret-of-" + user).getBytes(StandardCharsets.UTF_8));
    }

    /** Who the registry was told that it is, by this tenant's question. */
    private String toldBy(Tenant tenant) {
        fake.on(PATH, FakeRegistry.status(401, "WWW-Authenticate: Basic realm=\"x\""));
        client(tenant).manifest(fake.repository().at("3.9"));
        return fake.requests().getLast().headers().getOrDefault("authorization", "nobody");
    }

    @Test
    void eachIsWhoItIsAndNobodyElse() {
        logIn(A, "alice");
        logIn(B, "bob");
        Tenant nobody = new Tenant("team-a", List.of(), List.of());
        secrets.put(nobody, new PullSecretSource.PullCredentials.Readable(Credentials.NONE));
        assertThat(toldBy(A)).isEqualTo(basic("alice"));
        assertThat(toldBy(B)).isEqualTo(basic("bob"));
        assertThat(toldBy(nobody)).as("in the same namespace, with no secret").isEqualTo("nobody");
        assertThat(toldBy(A)).isEqualTo(basic("alice"));
        assertThat(client(A)).isNotSameAs(client(B)).isNotSameAs(client(nobody));
    }

    /** With the client go its tokens. */
    @Test
    void equalCredentialsOfTwoTenantsAreNotShared() {
        logIn(A, "shared");
        logIn(B, "shared");
        assertThat(client(A)).isNotSameAs(client(B));
    }

    @Test
    void secretsAreReadAgainAfterAMinuteAndTheClientStaysWhileTheyDo() {
        logIn(A, "alice");
        RegistryClient first = client(A);
        setting.clock.advance(Duration.ofSeconds(59));
        assertThat(client(A)).isSameAs(first);
        assertThat(reads).isEqualTo(1);
        setting.clock.advance(Duration.ofSeconds(1));
        assertThat(client(A)).as("read again, and the same").isSameAs(first);
        assertThat(reads).isEqualTo(2);
        setting.clock.advance(Duration.ofSeconds(59));
        assertThat(client(A)).isSameAs(first);
        assertThat(reads).isEqualTo(2);
    }

    @Test
    void otherCredentialsAreAnotherClient() {
        logIn(A, "alice");
        RegistryClient first = client(A);
        logIn(A, "carol");
        assertThat(client(A)).as("within the minute").isSameAs(first);
        setting.clock.advance(Tenants.SECRETS_ARE_VALID);
        assertThat(client(A)).isNotSameAs(first);
        assertThat(toldBy(A)).isEqualTo(basic("carol"));
    }

    @Test
    void aSecretThatWasTakenAwayIsNotUsedAnyMore() {
        logIn(A, "alice");
        RegistryClient first = client(A);
        takeAway(A);
        setting.clock.advance(Tenants.SECRETS_ARE_VALID);
        assertThat(tenants.access(A))
                .isInstanceOfSatisfying(
                        Tenants.Access.Missing.class,
                        missing -> assertThat(missing.why().code()).isEqualTo("CredentialsUnreadable"));
        assertThat(tenants.access(A))
                .as("not kept: it may be given back any moment")
                .isInstanceOf(Tenants.Access.Missing.class);
        assertThat(reads).isEqualTo(3);
        logIn(A, "alice");
        assertThat(client(A)).isNotSameAs(first);
    }

    @Test
    void noMoreClientsAreKeptThanTheLimit() {
        for (int i = 0; i <= Tenants.MOST_CLIENTS; i++) {
            Tenant tenant = new Tenant("team-" + i, List.of(), List.of());
            secrets.put(tenant, new PullSecretSource.PullCredentials.Readable(Credentials.NONE));
            client(tenant);
        }
        int before = reads;
        for (int i = 0; i <= Tenants.MOST_CLIENTS; i++) {
            client(new Tenant("team-" + i, List.of(), List.of()));
        }
        assertThat(reads - before).as("whoever had to go is read anew").isPositive();
    }
}
