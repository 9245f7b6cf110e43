package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.trust.ImageRequest.Tenant;
import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.Registries;
import dev.cleanroom.operator.trust.registry.RegistryClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a registry client for each tenant, with its credentials and tokens. No client is ever used for another tenant.
 */
final class Tenants {
    /** How many clients are kept. When there are more, one is dropped; its tenant then asks for tokens again. */
    static final int MOST_CLIENTS = 1_000;

    /** How long the content of a Secret is assumed not to change. */
    static final Duration SECRETS_ARE_VALID = Duration.ofMinutes(1);

    private final Registries registries;
    private final PullSecretSource secrets;
    private final Clock clock;
    private final Map<Tenant, Held> clients = new ConcurrentHashMap<>();

    private record Held(Credentials credentials, RegistryClient client, Instant readAt) {}

    /** A client, or why the tenant has no client. */
    sealed interface Access {
        record Granted(RegistryClient client) implements Access {}

        record Missing(ImageDecision.Unresolved why) implements Access {}
    }

    Tenants(Registries registries, PullSecretSource secrets, Clock clock) {
        this.registries = registries;
        this.secrets = secrets;
        this.clock = clock;
    }

    Access access(Tenant tenant) {
        Instant now = clock.instant();
        Held held = clients.get(tenant);
        if (held != null && held.readAt().plus(SECRETS_ARE_VALID).isAfter(now)) {
            return new Access.Granted(held.client());
        }
        return switch (secrets.read(tenant)) {
            case PullSecretSource.PullCredentials.Unreadable(var why) -> {
                clients.remove(tenant);
                yield new Access.Missing(why);
            }
            case PullSecretSource.PullCredentials.Readable(Credentials credentials) ->
                new Access.Granted(keep(tenant, credentials, now).client());
        };
    }

    /** Keeps the client while the credentials stay the same, since the client has the tokens. */
    private Held keep(Tenant tenant, Credentials credentials, Instant now) {
        if (clients.size() >= MOST_CLIENTS) {
            clients.keySet().stream().findAny().ifPresent(clients::remove);
        }
        return clients.compute(
                tenant,
                (same, before) -> new Held(
                        credentials,
                        before != null && before.credentials().equals(credentials)
                                ? before.client()
                                : registries.client(credentials),
                        now));
    }
}
