package dev.cleanroom.operator.trust.registry;

import java.util.Map;

/**
 * @param hosts by {@code host} or {@code host:port} as references name it, in lower case; {@link HostOptions#STRICT} for
 *     every other
 */
public record RegistryOptions(Map<String, HostOptions> hosts) {
    public static final RegistryOptions STRICT = new RegistryOptions(Map.of());

    public RegistryOptions {
        hosts = Map.copyOf(hosts);
    }

    HostOptions of(String host) {
        return hosts.getOrDefault(host, HostOptions.STRICT);
    }
}
