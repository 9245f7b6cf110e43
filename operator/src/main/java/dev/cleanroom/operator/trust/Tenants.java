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

/** A registry client for each tenant, with its credentials and its tokens; none is ever handed to another tenant. */
final class Tenants {
    /** Clients that are kept: beyond, some start anew, and ask for their tokens again. */
    static final int MOST_CLIENTS = 1_000;

    /** For how long a Secret is taken to be what it was. */
    static final Duration SECRETS_ARE_VALID = Duration.ofMinutes(1);

    private final Registries registries;
    private final PullSecretSource secrets;
    private final Clock clock;
    private final Map<Tenant, Held> clients = new ConcurrentHashMap<>();

    private record Held(Credentials credentials, RegistryClient client, Instant readAt) {}

    /** A client, or why there is none. */
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
            case PullSecretSource.Read.Unreadable(var why) -> {
                clients.remove(tenant);
                yield new Access.Missing(why);
            }
            case PullSecretSource.Read.Readable(Credentials credentials) ->
                new Access.Granted(keep(tenant, credentials, now).client());
        };
    }

    /** The same client while the credentials stay the same: with it go the tokens. */
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
