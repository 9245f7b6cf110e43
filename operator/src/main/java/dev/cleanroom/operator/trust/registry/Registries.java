package dev.cleanroom.operator.trust.registry;

import java.net.InetAddress;
import java.time.Clock;

/**
 * Connections to registries, for all tenants. Each tenant has a separate client, with its credentials and tokens. No
 * connection is opened, and no thread is started, before the first question.
 */
public final class Registries implements AutoCloseable {
    private final RegistryOptions options;
    private final Patience patience;
    private final Clock clock;
    private final Transport transport;

    public Registries(RegistryOptions options, Patience patience, Clock clock) {
        this(options, patience, clock, InetAddress::getAllByName);
    }

    Registries(RegistryOptions options, Patience patience, Clock clock, Transport.Resolver resolver) {
        this.options = options;
        this.patience = patience;
        this.clock = clock;
        this.transport = new Transport(options, patience, resolver);
    }

    /** Creates a client. Keep it as long as the credentials stay the same, since it has the tokens. */
    public RegistryClient client(Credentials credentials) {
        return new RegistryClient(this, session(credentials));
    }

    public RegistryPusher pusher(Credentials credentials) {
        return new RegistryPusher(this, session(credentials));
    }

    private Session session(Credentials credentials) {
        return new Session(transport, new Authenticator(transport, credentials, clock), clock);
    }

    RegistryOptions options() {
        return options;
    }

    Deadline deadline() {
        return Deadline.in(clock, patience.total());
    }

    Deadline uploadDeadline() {
        return Deadline.in(clock, patience.upload());
    }

    Deadline mirrorDeadline(Deadline whole) throws RegistryException {
        return Deadline.in(clock, whole.left(patience.request()));
    }

    @Override
    public void close() {
        transport.close();
    }
}
