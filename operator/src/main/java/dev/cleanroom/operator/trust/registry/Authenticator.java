package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.Malformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.RealmRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.Unauthorized;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers challenges for one tenant (distribution, "Token Authentication Specification"; RFC 7617). No credentials are
 * sent before a challenge. The scope is chosen here, never taken from the challenge.
 *
 * <p>The password goes to the registry itself, or to the realm that the registry names. Over HTTPS that may be another
 * host, as it is for most public registries. This exposes nothing more, since a registry that wanted the password could
 * ask for it by Basic authentication. Over plain HTTP an attacker may have changed the realm, so it must be the
 * registry's own origin.
 */
final class Authenticator {
    /** The most bytes of a token service's answer. */
    static final int MOST_TOKEN_BYTES = 64 * 1024;

    /** The most characters of a realm, and of a service's name. */
    static final int MOST_REALM_CHARACTERS = 2_048;

    /** How many tokens are kept; the least recently used one is dropped. */
    static final int MOST_TOKENS = 256;

    /** How long a token is used: one minute if the service does not say, and never longer than an hour. */
    static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);

    static final Duration LONGEST_LIFE = Duration.ofHours(1);

    /** A token is replaced this much before it expires, because a request takes time. */
    static final Duration MARGIN = Duration.ofSeconds(10);

    /** The characters that are kept in a header's value: no line breaks and other control characters. */
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{1,32768}");

    /** How many credentials are tried: as many as both lists of Secrets have, with one for the registry in each. */
    static final int MOST_CREDENTIALS = 32;

    private final Transport transport;
    private final Credentials credentials;
    private final Clock clock;
    private final Map<Key, Grant> grants = new LinkedHashMap<>(16, 0.75f, true);

    /** The access that is requested for a repository, as token services name it. */
    enum Access {
        /** Some registries answer 404 for what the credentials may not read. */
        PULL("pull", Set.of(401, 403, 404)),
        PUSH("pull,push", Set.of(401, 403));

        private final String actions;

        @SuppressWarnings("ImmutableEnumChecker") // a set that cannot be changed
        private final Set<Integer> refusals;

        Access(String actions, Set<Integer> refusals) {
            this.actions = actions;
            this.refusals = refusals;
        }
    }

    private record Key(URI base, String repository, Access access) {}

    private record Grant(String header, Instant end) {}

    Authenticator(Transport transport, Credentials credentials, Clock clock) {
        this.transport = transport;
        this.credentials = credentials;
        this.clock = clock;
    }

    /** The Authorization header that was accepted last time, or null. */
    private synchronized @Nullable String known(Endpoint endpoint, Access access) {
        Grant grant = grants.get(key(endpoint, access));
        return grant == null || !clock.instant().isBefore(grant.end) ? null : grant.header;
    }

    /** Why pull secrets have no credentials for the repository, for a message; empty if nothing is known. */
    String unusedFor(Endpoint endpoint) {
        return credentials.unusedFor(endpoint.registry(), endpoint.repository());
    }

    Login login(Endpoint endpoint, Access access) {
        return new Login(endpoint, access);
    }

    /**
     * The attempts of one request: with what was accepted last time, and after a challenge with each credential that
     * matches, as a kubelet tries them in turn, or with none if none does.
     */
    final class Login {
        private final Endpoint endpoint;
        private final Access access;
        private final Deque<Optional<Credential>> left = new ArrayDeque<>();
        private List<Challenge> challenges = List.of();
        private boolean challenged;
        private @Nullable String header;

        private Login(Endpoint endpoint, Access access) {
            this.endpoint = endpoint;
            this.access = access;
            this.header = known(endpoint, access);
        }

        /** The Authorization header of the next attempt, or null. */
        @Nullable String header() {
            return header;
        }

        /**
         * Whether the request must be sent again, with another header.
         *
         * @throws RegistryException if there is none, because no credential can be used or the token service gives no
         *     token
         */
        boolean again(Response response, Deadline deadline) throws RegistryException {
            boolean first = !challenged;
            if (first && response.status() == 401) {
                challenged = true;
                challenges = Challenge.read(response.headers().allValues("WWW-Authenticate"));
                left.addAll(candidates());
            }
            if (!access.refusals.contains(response.status())) {
                return false;
            }
            while (!left.isEmpty()) {
                try {
                    Grant grant = grant(left.remove(), deadline);
                    keep(key(endpoint, access), grant);
                    header = grant.header;
                    return true;
                } catch (RegistryException e) {
                    if (e.code() != Unauthorized || (first && left.isEmpty())) {
                        throw e;
                    }
                }
            }
            if (challenged || response.status() != 404) {
                // What was refused is not kept: another credential may be accepted next time.
                forget(key(endpoint, access));
            }
            return false;
        }

        private List<Optional<Credential>> candidates() {
            List<Credential> matching = credentials.matching(endpoint.registry(), endpoint.repository());
            return matching.isEmpty()
                    ? List.of(Optional.empty())
                    : matching.stream()
                            .limit(MOST_CREDENTIALS)
                            .map(Optional::of)
                            .toList();
        }

        private Grant grant(Optional<Credential> credential, Deadline deadline) throws RegistryException {
            Optional<Challenge> bearer = Challenge.of(challenges, "bearer");
            if (bearer.isPresent()) {
                return token(endpoint, access, bearer.get(), credential, deadline);
            }
            if (Challenge.of(challenges, "basic").isPresent() && credential.isPresent()) {
                return new Grant(credential.get().basic(), Instant.MAX);
            }
            throw new RegistryException(
                    Unauthorized,
                    credential.isEmpty()
                            ? "the registry requires credentials, and no pull secret has any for it"
                            : "the registry requires an authentication scheme that is not supported (Basic and"
                                    + " Bearer are)");
        }
    }

    private synchronized void forget(Key key) {
        grants.remove(key);
    }

    private synchronized void keep(Key key, Grant grant) {
        grants.put(key, grant);
        if (grants.size() > MOST_TOKENS) {
            grants.remove(grants.keySet().iterator().next());
        }
    }

    private Grant token(
            Endpoint endpoint, Access access, Challenge challenge, Optional<Credential> credential, Deadline deadline)
            throws RegistryException {
        URI realm = realm(endpoint, challenge.parameters().getOrDefault("realm", ""));
        String service = challenge.parameters().getOrDefault("service", "");
        if (service.length() > MOST_REALM_CHARACTERS) {
            throw new RegistryException(RealmRefused, "the token service's name is too long");
        }
        String query = (service.isEmpty() ? "" : "service=" + encoded(service) + "&") + "scope="
                + encoded("repository:" + endpoint.repository() + ":" + access.actions);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(realm + (realm.getRawQuery() == null ? "?" : "&") + query));
        credential.ifPresent(known -> request.header("Authorization", known.basic()));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        // A redirect is not followed: the realm alone decided which host gets the password.
        Response answer = transport.exchange(request.build(), body, MOST_TOKEN_BYTES, deadline);
        if (!answer.successful()) {
            throw Statuses.failure(answer, "the token service", clock);
        }
        return grant(StrictJson.object(body.toByteArray(), Malformed, "the token service's answer"));
    }

    private static URI realm(Endpoint endpoint, String text) throws RegistryException {
        URI realm;
        try {
            realm = new URI(text);
        } catch (URISyntaxException e) {
            throw new RegistryException(RealmRefused, "the address of the token service is not a valid URL");
        }
        if (text.length() > MOST_REALM_CHARACTERS
                || realm.getHost() == null
                || realm.getRawUserInfo() != null
                || realm.getRawFragment() != null) {
            throw new RegistryException(RealmRefused, "the address of the token service has no host");
        }
        boolean plain = endpoint.base().getScheme().equals("http");
        if (plain ? !endpoint.isOriginOf(realm) : !"https".equals(realm.getScheme())) {
            throw new RegistryException(
                    RealmRefused,
                    plain
                            ? "a registry without TLS names a token service on another host"
                            : "the registry names a token service without HTTPS");
        }
        return realm;
    }

    private Grant grant(ObjectNode answer) throws RegistryException {
        String token = StrictJson.text(answer, "token");
        if (token == null) {
            token = StrictJson.text(answer, "access_token");
        }
        if (token == null || !TOKEN.matcher(token).matches()) {
            throw new RegistryException(Malformed, "the token service's answer has no token");
        }
        JsonNode seconds = answer.path("expires_in");
        Duration life = seconds.canConvertToInt() && seconds.isIntegralNumber()
                ? Duration.ofSeconds(seconds.intValue())
                : DEFAULT_LIFE;
        Duration bounded = life.compareTo(LONGEST_LIFE) > 0 ? LONGEST_LIFE : life;
        return new Grant("Bearer " + token, clock.instant().plus(bounded).minus(MARGIN));
    }

    private static Key key(Endpoint endpoint, Access access) {
        return new Key(endpoint.base(), endpoint.repository(), access);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
