package dev.cleanroom.operator.trust.registry;

import java.util.Map;

/**
 * @param hosts the settings by {@code host} or {@code host:port} in lower case, as references name it; every other host
 *     has {@link HostOptions#STRICT}
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
