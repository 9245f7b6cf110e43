package dev.cleanroom.operator.trust.policy;

import java.util.Optional;

/** The ConfigMaps in the operator's namespace, in which policies have keys and trust roots. */
@FunctionalInterface
public interface ConfigMaps {
    ConfigMaps NONE = (name, key) -> Optional.empty();

    /** Empty when the ConfigMap does not exist, or does not have the key. */
    Optional<String> value(String name, String key);
}
