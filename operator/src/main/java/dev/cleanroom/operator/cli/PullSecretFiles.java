package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.PullSecrets;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import java.nio.file.Path;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads pull secrets from files, each with the value that a Secret has under {@code .dockerconfigjson}. */
final class PullSecretFiles {
    private PullSecretFiles() {}

    /** @throws IllegalArgumentException with the name of the file, and nothing from its content */
    static Credentials read(List<Path> files) {
        List<Map.Entry<String, byte[]>> secrets = new ArrayList<>();
        for (Path file : files) {
            secrets.add(new SimpleImmutableEntry<>(file.toString(), InputFile.read(file, PullSecrets.MOST_BYTES)));
        }
        return switch (PullSecrets.read(secrets)) {
            case RegistryAnswer.Found<Credentials>(Credentials credentials) -> credentials;
            case RegistryAnswer.Failed<Credentials> failed -> throw new IllegalArgumentException(failed.message());
        };
    }
}
