package dev.cleanroom.operator.trust.registry;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a test of the client needs: options that let it ask this machine without TLS, and a clock that stands still. */
public final class Setting implements AutoCloseable {
    /** Short enough for a test that waits it out; every other test ends long before. */
    private static final Duration SHORT = Duration.ofMillis(500);

    public static final HostOptions HERE = new HostOptions(true, true, List.of(), null);

    public final FakeClock clock = new FakeClock();
    private final Map<String, HostOptions> hosts = new HashMap<>();
    private Patience patience = Patience.DEFAULT;
    private Registries registries;

    public static Setting with(FakeRegistry... registries) {
        Setting setting = new Setting();
        for (FakeRegistry registry : registries) {
            setting.host(registry.host(), HERE);
        }
        return setting;
    }

    public Setting host(String host, HostOptions options) {
        hosts.put(host, options);
        return this;
    }

    public Setting impatient() {
        patience = new Patience(SHORT, SHORT, Duration.ofSeconds(30), SHORT);
        return this;
    }

    public Registries registries() {
        return registries(InetAddress::getAllByName);
    }

    Registries registries(Transport.Resolver resolver) {
        if (registries == null) {
            registries = new Registries(new RegistryOptions(hosts), patience, clock, resolver);
        }
        return registries;
    }

    public RegistryClient client() {
        return registries().client(Credentials.NONE);
    }

    public static Credentials credentials(String host, String user) {
        return new Credentials(
                List.of(new Credentials.Entry(
                        new CredentialScope(host, ""), new Credential(user, "secret-of-" + user))),
                List.of());
    }

    @Override
    public void close() {
        if (registries != null) {
            registries.close();
        }
    }
}
