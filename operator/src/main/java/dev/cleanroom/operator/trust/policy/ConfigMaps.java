package dev.cleanroom.operator.trust.policy;

import java.util.Optional;

/** The ConfigMaps in the operator's namespace, in which policies have keys and trust roots. */
@FunctionalInterface
public interface ConfigMaps {
    ConfigMaps NONE = (name, key) -> Optional.empty();

    /** Empty when the ConfigMap does not exist, or does not have the key. */
    Optional<String> value(String name, String key);

    /** The namespace, for commands in messages. */
    default String namespace() {
        return "NAMESPACE";
    }

    /** The same ConfigMaps, with the name of their namespace. */
    default ConfigMaps in(String namespace) {
        ConfigMaps same = this;
        return new ConfigMaps() {
            @Override
            public Optional<String> value(String name, String key) {
                return same.value(name, key);
            }

            @Override
            public String namespace() {
                return namespace;
            }
        };
    }
}
