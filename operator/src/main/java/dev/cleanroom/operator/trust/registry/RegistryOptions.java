package dev.cleanroom.operator.trust.registry;

import java.util.Map;
import java.util.Optional;

/**
 * @param hosts the settings by {@code host} or {@code host:port} in lower case, as references name it; those of one name
 *     of a registry are for its other names too, unless they have their own; every other host has
 *     {@link HostOptions#STRICT}
 */
public record RegistryOptions(Map<String, HostOptions> hosts) {
    public static final RegistryOptions STRICT = new RegistryOptions(Map.of());

    public RegistryOptions {
        hosts = Map.copyOf(hosts);
    }

    HostOptions of(String host) {
        return RegistryNames.all(host).stream()
                .flatMap(name -> Optional.ofNullable(hosts.get(name)).stream())
                .findFirst()
                .orElse(HostOptions.STRICT);
    }
}
