package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.RedirectRefused;

import dev.cleanroom.operator.trust.registry.Authenticator.Access;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * One tenant's requests. A registry may require authentication, and may redirect a request that reads. A request
 * to another origin than the registry's has no credentials, and a challenge from there is not answered.
 */
final class Session {
    /** The most redirects: a registry redirects to its storage, and the storage to a nearer one. */
    static final int MOST_REDIRECTS = 5;

    private final Transport transport;
    private final Authenticator authenticator;
    private final Clock clock;

    Session(Transport transport, Authenticator authenticator, Clock clock) {
        this.transport = transport;
        this.authenticator = authenticator;
        this.clock = clock;
    }

    /** Reads a whole body into memory. */
    record Body(Response response, byte[] bytes) {}

    Body read(Endpoint endpoint, URI uri, String accept, long most, Deadline deadline) throws RegistryException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        Response response = read(endpoint, uri, accept, body, most, deadline);
        return new Body(response, response.successful() ? body.toByteArray() : new byte[0]);
    }

    /** Only the body of a success reaches the sink; any status is returned. */
    Response read(Endpoint endpoint, URI uri, String accept, OutputStream sink, long most, Deadline deadline)
            throws RegistryException {
        URI at = uri;
        Authenticator.Login login = authenticator.login(endpoint, Access.PULL);
        Response missing = null;
        int redirects = 0;
        while (true) {
            boolean atHome = endpoint.isOriginOf(at);
            Response response = transport.exchange(
                    request(at, atHome ? login.header() : null)
                            .header("Accept", accept)
                            .build(),
                    sink,
                    most,
                    deadline);
            if (atHome && login.again(response, deadline)) {
                missing = response.status() == 404 ? response : missing;
            } else if (Statuses.redirects(response)) {
                if (++redirects > MOST_REDIRECTS) {
                    throw new RegistryException(RedirectRefused, "more than " + MOST_REDIRECTS + " redirects");
                }
                at = target(response);
            } else {
                // The 404 may be for a credential that may read the repository: it says more than another's refusal.
                return missing == null || response.successful() ? response : missing;
            }
        }
    }

    /** What a message about a missing right adds; empty if nothing is known. */
    String unusedFor(Endpoint endpoint) {
        return authenticator.unusedFor(endpoint);
    }

    /** Asks whether something exists, or changes something, at the registry itself and nowhere else. */
    Response send(Endpoint endpoint, URI uri, Action action, Deadline deadline) throws RegistryException {
        if (!endpoint.isOriginOf(uri)) {
            throw new RegistryException(RedirectRefused, "the registry redirects the upload to another host");
        }
        Authenticator.Login login = authenticator.login(endpoint, Access.PUSH);
        Response response = send(uri, action, login.header(), deadline);
        while (login.again(response, deadline)) {
            response = send(uri, action, login.header(), deadline);
        }
        return response;
    }

    /** Sets the method and the body; may be called more than once. */
    interface Action {
        void on(HttpRequest.Builder request);
    }

    private Response send(URI uri, Action action, @Nullable String authorization, Deadline deadline)
            throws RegistryException {
        HttpRequest.Builder request = request(uri, authorization);
        action.on(request);
        return transport.upload(request.build(), deadline);
    }

    RegistryException failure(Response response) {
        return Statuses.failure(response, "the registry", clock);
    }

    private static HttpRequest.Builder request(URI uri, @Nullable String authorization) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        return authorization == null ? request : request.header("Authorization", authorization);
    }

    private static URI target(Response response) throws RegistryException {
        URI from = response.uri();
        URI target = resolved(from, response.header("Location"));
        if (from.getScheme().equals("https") && !target.getScheme().equals("https")) {
            throw new RegistryException(RedirectRefused, "the registry redirects from HTTPS to plain HTTP");
        }
        return target;
    }

    /** Checks that an address from a registry is an HTTP address without user information. */
    static URI resolved(URI from, @Nullable String location) throws RegistryException {
        try {
            URI target = from.resolve(new URI(location == null ? "" : location));
            boolean http = "http".equals(target.getScheme()) || "https".equals(target.getScheme());
            if (location == null
                    || location.isEmpty()
                    || !http
                    || target.getHost() == null
                    || target.getRawUserInfo() != null) {
                throw new RegistryException(RedirectRefused, "the registry redirects to an address that is not HTTP");
            }
            return target;
        } catch (URISyntaxException e) {
            throw new RegistryException(
                    RedirectRefused, "the registry redirects to an address that is not a valid URL");
        }
    }
}
