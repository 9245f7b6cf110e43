package dev.cleanroom.operator.trust.policy;

import java.util.Optional;

/** The ConfigMaps of the operator's namespace, where policies keep keys and trust roots. */
@FunctionalInterface
public interface ConfigMaps {
    ConfigMaps NONE = (name, key) -> Optional.empty();

    /** Empty when there is no such ConfigMap, or no such key in it. */
    Optional<String> value(String name, String key);
}
